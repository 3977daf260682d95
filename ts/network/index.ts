/** How connections are made: addresses, proxies, TLS, and what their failures mean. */
export type { AddressFamily } from './address-family.js';
export { dialingAgents, type Agents } from './agents.js';
export { DialFailure } from './dial-failure.js';
export { Dialer, type DialerOptions, type DialOptions } from './dialer.js';
export { isLoopback } from './no-proxy.js';
export { networkError, type Peer } from './network-error.js';
export { parseProxy, type ProxyOption } from './proxy.js';
export type { Lookup } from './tcp.js';
export {
  holdsCertificate,
  isPem,
  readCertificates,
  type CertificateAuthority,
  type ClientCertificate,
} from './trust.js';
