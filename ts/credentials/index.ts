/** Credentials: what a user gives becomes one provider that renews itself. */
export { credentialChain, type CredentialChainOptions } from './chain.js';
export { checkCredentials } from './check.js';
export { fromCredentialFile } from './file.js';
export { resolveIotOptions, type IotCertificateOptions } from './iot/options.js';
export { parseIotCertificate } from './iot/parse.js';
export { fromIotCertificate } from './iot/provider.js';
export { resolveCredentials } from './resolve.js';
export type { Credentials, CredentialsInput, CredentialsProvider, ServiceClock } from './types.js';
