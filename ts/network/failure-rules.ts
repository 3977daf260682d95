import type { StatusName } from '../internal/status.js';

/** What a failure below HTTP means to the user. */
export interface FailureRule {
  readonly status: StatusName;
  readonly retryable: boolean;
  /** Stable name of the kind of failure, which goes into the error's `values.reason`. */
  readonly reason: string;
  /** What the other side did, as the end of a sentence about it. */
  readonly problem: string;
  readonly advice: string;
}

type Rule = Omit<FailureRule, 'status' | 'retryable'> & Partial<FailureRule>;

function rule(given: Rule): FailureRule {
  return { status: 'STATUS_SERVICE_CALL_UNKNOWN_ERROR', retryable: true, ...given };
}

const refused = rule({
  reason: 'refused',
  problem: 'cannot be reached',
  advice: 'check the endpoint, and that its server runs',
});
const nameUnknown = rule({
  reason: 'name-unknown',
  problem: 'cannot be found by name',
  advice: 'check the region and the endpoint, and that this machine has a network with DNS',
});
const addressFamily = rule({
  reason: 'address-family',
  problem: 'has no address of the family asked for',
  advice:
    'drop `addressFamily` (AWS_KVS_USE_IPV4, AWS_KVS_USE_IPV6), or for IPv6 use the dual-stack endpoint',
});
const noRoute = rule({
  reason: 'no-route',
  problem: 'cannot be reached',
  advice: 'check the network of this machine and its firewall',
});
const timedOut = rule({
  status: 'STATUS_SERVICE_CALL_TIMEOUT_ERROR',
  reason: 'timeout',
  problem: 'did not answer in time',
  advice: 'check the endpoint, the network and its firewall',
});

/** The rule for what is in no table: the connection ended. */
export const lost = rule({
  reason: 'lost',
  problem: 'closed the connection',
  advice: 'check the network; a new attempt often succeeds',
});

// Clocks get set, but whoever is not trusted at first is so for a mistake in the configuration. (Of
// a service that was trusted before, the supervisor of a stream thinks otherwise.)
const certificateDate = rule({
  reason: 'certificate-date',
  problem: 'shows a certificate that is not valid at this time',
  advice: 'check the clock of this machine, then the certificate',
});
const certificateHost = rule({
  retryable: false,
  reason: 'certificate-host',
  problem: 'shows a certificate for another host',
  advice: 'check the endpoint, and that no proxy or sign-in page answers in its place',
});
const certificateTrust = rule({
  retryable: false,
  reason: 'certificate-untrusted',
  problem: 'shows a certificate that is not trusted',
  advice: 'pass its authority as `ca` or in NODE_EXTRA_CA_CERTS',
});
const ownCertificate = rule({
  retryable: false,
  reason: 'client-certificate',
  problem: 'does not accept the certificate of this machine',
  advice: 'check that it is registered there, active and not expired',
});
const tlsVersion = rule({
  retryable: false,
  reason: 'tls-version',
  problem: 'does not speak TLS 1.2 or later',
  advice: 'have its server brought up to date',
});
const notTls = rule({
  retryable: false,
  reason: 'not-tls',
  problem: 'does not speak TLS 1.2 or later',
  advice: 'use an http:// endpoint if it is a local server without TLS',
});

const CHECK_PROXY = 'check the proxy, and the `proxy` option or HTTPS_PROXY and NO_PROXY';

const proxyAuthentication = rule({
  retryable: false,
  reason: 'proxy-authentication',
  problem: 'asks for a user and a password',
  advice: 'put them into its URL, in front of the host: user, colon, password, @',
});
const proxyRefused = rule({
  retryable: false,
  reason: 'proxy-refused',
  problem: 'refused to open a tunnel',
  advice: 'have it allow CONNECT to that host and port',
});
const proxyFailed = rule({
  reason: 'proxy-failed',
  problem: 'could not open a tunnel',
  advice: 'check that the endpoint can be reached from the proxy',
});
const proxyAnswer = rule({
  reason: 'proxy-answer',
  problem: 'answered with something other than HTTP',
  advice: CHECK_PROXY,
});
const proxyClosed = rule({
  reason: 'proxy-closed',
  problem: 'closed the connection before the tunnel was open',
  advice: CHECK_PROXY,
});

const BY_CODE = new Map<string, FailureRule>([
  ['ECONNREFUSED', refused],
  ['ENOTFOUND', nameUnknown],
  ['ENODATA', nameUnknown],
  ['EAI_AGAIN', nameUnknown],
  ['EAI_FAIL', nameUnknown],
  ['ERR_ADDRESS_FAMILY', addressFamily],
  ['ENETUNREACH', noRoute],
  ['EHOSTUNREACH', noRoute],
  ['ENETDOWN', noRoute],
  ['EADDRNOTAVAIL', noRoute],
  ['EAFNOSUPPORT', noRoute],
  ['ECONNRESET', lost],
  ['ECONNABORTED', lost],
  ['EPIPE', lost],
  ['ETIMEDOUT', timedOut],
  ['ESOCKETTIMEDOUT', timedOut],
  ['CERT_HAS_EXPIRED', certificateDate],
  ['CERT_NOT_YET_VALID', certificateDate],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', certificateTrust],
  ['SELF_SIGNED_CERT_IN_CHAIN', certificateTrust],
  ['UNABLE_TO_GET_ISSUER_CERT', certificateTrust],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', certificateTrust],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', certificateTrust],
  ['CERT_UNTRUSTED', certificateTrust],
  ['CERT_REVOKED', certificateTrust],
  ['CERT_REJECTED', certificateTrust],
  ['CERT_SIGNATURE_FAILURE', certificateTrust],
  ['INVALID_CA', certificateTrust],
  ['INVALID_PURPOSE', certificateTrust],
  ['ERR_TLS_CERT_ALTNAME_INVALID', certificateHost],
  ['EPROTO', notTls],
  ['ERR_PROXY_AUTHENTICATION', proxyAuthentication],
  ['ERR_PROXY_REFUSED', proxyRefused],
  ['ERR_PROXY_FAILED', proxyFailed],
  ['ERR_PROXY_ANSWER', proxyAnswer],
  ['ERR_PROXY_CLOSED', proxyClosed],
]);

/** OpenSSL's reasons, which are many, by what their names have in common. */
const BY_PATTERN: readonly (readonly [RegExp, FailureRule])[] = [
  [/^ERR_SSL_.*(PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|HANDSHAKE_FAILURE)/, tlsVersion],
  [/^ERR_SSL_.*ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/, ownCertificate],
  [/^ERR_SSL_/, notTls],
];

/**
 * The rule for the code of an error of the system, of OpenSSL or of a `DialFailure`.
 *
 * @param isProxy - whether the other side is a proxy
 */
export function findFailureRule(code: string | undefined, isProxy = false): FailureRule {
  const byCode = code === undefined ? lost : BY_CODE.get(code);
  const found = byCode ?? BY_PATTERN.find(([pattern]) => pattern.test(code ?? ''))?.[1] ?? lost;
  if (!isProxy || found.reason.startsWith('proxy-')) return found;
  return { ...found, advice: CHECK_PROXY };
}
