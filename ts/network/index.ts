/**
 * How connections are made: addresses, proxies, TLS, and what their failures mean.
 *
 * It loads what makes connections. What importing the package needs for checking options is imported
 * from its own file.
 */
export type { AddressFamily } from './address-family.js';
export { dialingAgents, type Agents } from './agents.js';
export { DialFailure } from './dial-failure.js';
export { Dialer, type DialerOptions, type DialOptions } from './dialer.js';
export { isLoopback } from './no-proxy.js';
export { networkError, type Peer } from './network-error.js';
export { parseProxy, type ProxyOption } from './parse-proxy.js';
export { holdsCertificate, isPem } from './pem.js';
export type { Lookup } from './tcp.js';
export { readCertificates, type CertificateAuthority, type ClientCertificate } from './trust.js';
