/** Credentials: what a user gives becomes one provider that renews itself. */
export { checkCredentials } from './check.js';
export { resolveCredentials } from './resolve.js';
export type { Credentials, CredentialsInput, CredentialsProvider } from './types.js';
