/** Credentials: what a user gives becomes one provider that renews itself. */
export { resolveCredentials } from './resolve.js';
export type { Credentials, CredentialsInput, CredentialsProvider } from './types.js';
