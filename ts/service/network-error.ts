import { KinesisVideoError } from '../internal/errors.js';
import type { StatusName } from '../internal/status.js';
import { callValues, placeOf, type ServiceCall } from './service-call.js';

/** What a failure below HTTP means to the user. */
interface NetworkRule {
  readonly status: StatusName;
  readonly retryable: boolean;
  readonly problem: string;
  readonly advice: string;
}

const UNKNOWN = 'STATUS_SERVICE_CALL_UNKNOWN_ERROR';

function unreachable(advice: string, problem = 'cannot be reached'): NetworkRule {
  return { status: UNKNOWN, retryable: true, problem, advice };
}

const refused = unreachable('check the endpoint, and that its server runs');
const nameUnknown = unreachable(
  'check the region and the endpoint, and that this machine has a network with DNS',
  'cannot be found by name',
);
const noRoute = unreachable('check the network of this machine and its firewall');
const lost = unreachable(
  'check the network; a new attempt often succeeds',
  'closed the connection',
);
const timedOut: NetworkRule = {
  status: 'STATUS_SERVICE_CALL_TIMEOUT_ERROR',
  retryable: true,
  problem: 'did not answer in time',
  advice: 'check the endpoint, the network and its firewall',
};
/** A clock that is wrong makes good certificates look invalid, and clocks get set. */
const certificateDate: NetworkRule = {
  status: UNKNOWN,
  retryable: true,
  problem: 'shows a certificate that is not valid at this time',
  advice: 'check the clock of this machine, then the certificate',
};
const certificate: NetworkRule = {
  status: UNKNOWN,
  retryable: false,
  problem: 'shows a certificate that is not trusted',
  advice: 'pass its authority as `ca` or in NODE_EXTRA_CA_CERTS, and check the host name',
};
const notTls: NetworkRule = {
  status: UNKNOWN,
  retryable: false,
  problem: 'does not speak TLS 1.2 or later',
  advice: 'use an http:// endpoint if it is a local server without TLS',
};

const BY_CODE = new Map<string, NetworkRule>([
  ['ECONNREFUSED', refused],
  ['ENOTFOUND', nameUnknown],
  ['EAI_AGAIN', nameUnknown],
  ['ENETUNREACH', noRoute],
  ['EHOSTUNREACH', noRoute],
  ['ENETDOWN', noRoute],
  ['EADDRNOTAVAIL', noRoute],
  ['ECONNRESET', lost],
  ['ECONNABORTED', lost],
  ['EPIPE', lost],
  ['ETIMEDOUT', timedOut],
  ['ESOCKETTIMEDOUT', timedOut],
  ['CERT_HAS_EXPIRED', certificateDate],
  ['CERT_NOT_YET_VALID', certificateDate],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', certificate],
  ['SELF_SIGNED_CERT_IN_CHAIN', certificate],
  ['UNABLE_TO_GET_ISSUER_CERT', certificate],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', certificate],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', certificate],
  ['CERT_UNTRUSTED', certificate],
  ['ERR_TLS_CERT_ALTNAME_INVALID', certificate],
  ['EPROTO', notTls],
]);

/** Makes the error for a call that got no answer: refused, lost, timed out, not trusted. */
export function networkError(call: ServiceCall, cause: unknown): KinesisVideoError {
  const code = codeOf(cause);
  const rule = findRule(code);
  const message = `The service ${placeOf(call)} ${rule.problem} (${detailOf(cause, code)}, ${call.operation}): ${rule.advice}.`;
  return new KinesisVideoError(rule.status, message, {
    values: { ...callValues(call), ...(code !== undefined && { errorCode: code }) },
    advice: rule.advice,
    retryable: rule.retryable,
    cause,
  });
}

/** The error for a call that took longer than `timeout` milliseconds. */
export function timeoutError(call: ServiceCall, what: string, timeout: number): KinesisVideoError {
  const message = `The service ${placeOf(call)} ${what} within ${timeout} ms (${call.operation}): ${timedOut.advice}.`;
  return new KinesisVideoError(timedOut.status, message, {
    values: { ...callValues(call), timeout },
    advice: timedOut.advice,
    retryable: true,
  });
}

function findRule(code: string | undefined): NetworkRule {
  if (code === undefined) return lost;
  const known = BY_CODE.get(code);
  if (known !== undefined) return known;
  return code.startsWith('ERR_SSL_') ? notTls : lost;
}

/** The code and the host name that could not be found, or else the message. */
function detailOf(error: unknown, code: string | undefined): string {
  if (!(error instanceof Error)) return String(error);
  const { hostname } = error as { hostname?: unknown };
  if (code === undefined) return error.message;
  return typeof hostname === 'string' ? `${code} ${hostname}` : code;
}

/** The system's or OpenSSL's code of an error; SDK time-outs have a name only. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  return error.name === 'TimeoutError' ? 'ETIMEDOUT' : undefined;
}
