/**
 * What each failure of the service means: exception types first, then HTTP statuses. Throttling
 * is HTTP 400 here, not 429, and the layer in front of the service refuses signatures with 403.
 */
import type { StatusName } from '../internal/status.js';
import type { ServiceCall, ServiceFailure } from './service-call.js';

/** How a failure is reported. */
export interface ErrorRule {
  readonly code: StatusName;
  readonly retryable: boolean;
  /** The sentence up to the service's own words. */
  readonly problem: (call: ServiceCall) => string;
  /** The clause after them. */
  readonly advice: (call: ServiceCall) => string;
}

type Text = string | ((call: ServiceCall) => string);

function rule(code: StatusName, retryable: boolean, problem: Text, advice: Text): ErrorRule {
  const asFunction = (text: Text) => (typeof text === 'string' ? () => text : text);
  return { code, retryable, problem: asFunction(problem), advice: asFunction(advice) };
}

/** The stream of the call, or the region when it is about no stream; begins a sentence. */
function subject(call: ServiceCall): string {
  return call.streamName === undefined
    ? `What ${call.operation} is about in ${call.region}`
    : `Stream "${call.streamName}" in ${call.region}`;
}

/** Operation, stream and region, inside a sentence. */
function callText({ operation, streamName, region }: ServiceCall): string {
  const stream = streamName === undefined ? '' : ` on stream "${streamName}"`;
  return `${operation}${stream} in ${region}`;
}

const NOT_AUTHORIZED = 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR';
const INVALID_ARG = 'STATUS_SERVICE_CALL_INVALID_ARG_ERROR';
const CLIENT_LIMIT = 'STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR';
const UNKNOWN = 'STATUS_SERVICE_CALL_UNKNOWN_ERROR';

const expiredToken = rule(
  NOT_AUTHORIZED,
  true,
  'The session token of the credentials has expired',
  'get new credentials, or pass an async function as `credentials` so that they are renewed',
);
const clockSkew = rule(
  NOT_AUTHORIZED,
  true,
  'The clock of this machine is more than 5 minutes off',
  'set it, for example by enabling NTP',
);
const denied = rule(
  NOT_AUTHORIZED,
  false,
  (call) => `The credentials do not allow ${callText(call)}`,
  (call) =>
    `allow the action kinesisvideo:${call.operation} in their IAM policy` +
    (call.operation === 'DescribeStream'
      ? ', or pass minimalPermissions: true if the stream exists'
      : ''),
);
const unknownKey = rule(
  NOT_AUTHORIZED,
  false,
  'The service does not know the access key or the session token',
  'check AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN and the profile, or what is passed as `credentials`',
);
const badSignature = rule(
  NOT_AUTHORIZED,
  false,
  'The service does not accept the signature of the request',
  'check that the secret access key belongs to the access key id',
);
const wrongRegion = rule(
  NOT_AUTHORIZED,
  false,
  (call) => `The receiver of ${call.operation} is not in the region ${call.region}`,
  'give the region of the endpoint',
);
const unsigned = rule(
  NOT_AUTHORIZED,
  false,
  (call) => `The request for ${call.operation} is not signed as its receiver expects`,
  'check the endpoint and the region',
);
/** What helps when a stream is missing depends on what it is wanted for. */
const MISSING_ADVICE = new Map([
  ['DeleteStream', 'check its name and the region'],
  [
    'DescribeStream',
    'create it first with `kvs create`, pass allowStreamCreation: true, or check the region',
  ],
]);

const notFound = rule(
  'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR',
  false,
  (call) =>
    call.streamName === undefined
      ? `What ${call.operation} asked for does not exist in ${call.region}`
      : `Stream "${call.streamName}" does not exist in ${call.region} or is not active`,
  (call) =>
    MISSING_ADVICE.get(call.operation) ??
    'create it first with `kvs create`, or check its name and the region',
);
const inUse = rule(
  'STATUS_SERVICE_CALL_RESOURCE_IN_USE_ERROR',
  true,
  (call) => `${subject(call)} exists already or is being changed`,
  'wait until its status is ACTIVE and try again',
);
const throttled = rule(
  CLIENT_LIMIT,
  true,
  (call) => `${callText(call)} is called too often`,
  'call it less often, or have the limit raised in Service Quotas',
);
const tooManyConnections = rule(
  CLIENT_LIMIT,
  true,
  (call) => `${subject(call)} has too many connections for ${call.operation}`,
  (call) =>
    call.operation === 'PutMedia'
      ? 'close the other connection to this stream, or give each producer its own stream'
      : 'close those that are not needed',
);
const noFragments = rule(
  'STATUS_NOT_FOUND',
  false,
  (call) => `${subject(call)} has no fragments for ${call.operation}`,
  (call) =>
    /StreamingSessionURL$/.test(call.operation)
      ? 'choose a time at which media were sent; a live session needs some of the last 30 seconds'
      : 'choose a time at which media were sent; ListFragments tells which there are',
);
const notPlayable = rule(
  'STATUS_INVALID_OPERATION',
  false,
  (call) => `${subject(call)} has media that cannot be had through ${call.operation}`,
  'see which codecs it supports, or read the media themselves with getMedia',
);
const streamLimit = rule(
  'STATUS_SERVICE_CALL_STREAM_LIMIT_ERROR',
  false,
  (call) => `The account has as many streams as it may in ${call.region}`,
  'delete streams that are not used, or have the limit raised in Service Quotas',
);
const deviceLimit = rule(
  'STATUS_SERVICE_CALL_DEVICE_LIMIT_ERROR',
  false,
  'The device has as many streams as it may',
  'delete streams of the device that are not used',
);
const deviceUnknown = rule(
  'STATUS_SERVICE_CALL_DEVICE_NOT_FOUND_ERROR',
  false,
  'The service does not accept the device name',
  'check `deviceName`, or leave it out',
);
const invalidArgument = rule(
  INVALID_ARG,
  false,
  (call) => `The service does not accept an argument of ${call.operation}`,
  'correct the value that the service names',
);
const tooManyTags = rule(
  INVALID_ARG,
  false,
  (call) => `${subject(call)} would have more than 50 tags`,
  'remove tags from the stream or from `tags`',
);
const versionMismatch = rule(
  INVALID_ARG,
  false,
  (call) => `${subject(call)} has changed since it was described`,
  'describe it again and repeat the call',
);
const noRetention = rule(
  INVALID_ARG,
  false,
  (call) => `${subject(call)} keeps no data`,
  'give it a retention period of at least one hour',
);
const staleEndpoint = rule(
  UNKNOWN,
  true,
  (call) => `${call.endpoint ?? 'The endpoint'} does not serve ${callText(call)}`,
  'ask for the data endpoint again',
);
const timedOut = rule(
  'STATUS_SERVICE_CALL_TIMEOUT_ERROR',
  true,
  (call) => `${callText(call)} was not answered in time`,
  'check the network and try again',
);
const serverFault = rule(
  UNKNOWN,
  true,
  (call) => `${callText(call)} failed inside the service`,
  'try again; if it persists, give AWS support the request id',
);
const notTheService = rule(
  UNKNOWN,
  true,
  (call) =>
    `${call.endpoint ?? 'The endpoint'} does not answer ${call.operation} as the service does`,
  'check the endpoint, and whether a proxy or a sign-in page stands in between',
);
const unknown = rule(
  UNKNOWN,
  false,
  (call) => `The service refused ${callText(call)}`,
  'see what the service says',
);

const BY_TYPE = new Map<string, ErrorRule>([
  ['AccessDenied', denied],
  ['NotAuthorized', denied],
  ['ExpiredToken', expiredToken],
  ['UnrecognizedClient', unknownKey],
  ['InvalidClientTokenId', unknownKey],
  ['InvalidSignature', badSignature],
  ['SignatureDoesNotMatch', badSignature],
  ['IncompleteSignature', unsigned],
  ['MissingAuthenticationToken', unsigned],
  ['ResourceNotFound', notFound],
  ['ResourceInUse', inUse],
  ['ClientLimitExceeded', throttled],
  ['Throttling', throttled],
  ['ThrottledException', throttled],
  ['TooManyRequests', throttled],
  ['RequestLimitExceeded', throttled],
  ['ConnectionLimitExceeded', tooManyConnections],
  ['AccountStreamLimitExceeded', streamLimit],
  ['DeviceStreamLimitExceeded', deviceLimit],
  ['InvalidDevice', deviceUnknown],
  ['InvalidArgument', invalidArgument],
  ['InvalidResourceFormat', invalidArgument],
  ['Validation', invalidArgument],
  ['Serialization', invalidArgument],
  ['TagsPerResourceExceededLimit', tooManyTags],
  ['VersionMismatch', versionMismatch],
  ['NoDataRetention', noRetention],
  ['InvalidEndpoint', staleEndpoint],
  ['InvalidCodecPrivateData', notPlayable],
  ['InvalidMediaFrame', notPlayable],
  ['MissingCodecPrivateData', notPlayable],
  ['UnsupportedStreamMediaType', notPlayable],
  ['RequestTimeout', timedOut],
]);

/**
 * Chooses the rule for an answer of the service. To PutMedia, 404 also means that the stream is
 * being updated, which passes.
 */
export function findRule(call: ServiceCall, failure: ServiceFailure): ErrorRule {
  if (isExpiredToken(failure)) return expiredToken;
  if (isClockSkew(failure)) return clockSkew;
  if (/scoped to a valid region/i.test(failure.message ?? '')) return wrongRegion;
  if (/^no fragments found/i.test(failure.message ?? '')) return noFragments;
  const type = failure.type ?? '';
  const byType = BY_TYPE.get(type) ?? BY_TYPE.get(type.replace(/Exception$/, ''));
  const found = byType ?? byHttpStatus(failure.httpStatus);
  return found === notFound && call.operation === 'PutMedia'
    ? { ...notFound, retryable: true }
    : found;
}

function byHttpStatus(status: number): ErrorRule {
  if (status === 401 || status === 403) return denied;
  if (status === 404) return notFound;
  if (status === 429) return throttled;
  // 598 and 599 are what proxies answer when the other side does not.
  if (status === 408 || status === 504 || status === 598 || status === 599) return timedOut;
  if (status >= 500) return serverFault;
  return status < 400 ? notTheService : unknown;
}

/** Whether other credentials of the same user might be accepted: these have expired or are gone. */
export function isRefusedIdentity(failure: ServiceFailure): boolean {
  if (isClockSkew(failure)) return false;
  // The secret of a key that is exchanged may be here before the service knows it, or after.
  const isUnknown =
    /^(UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch)/;
  return isUnknown.test(failure.type ?? '') || isExpiredToken(failure);
}

function isExpiredToken(failure: ServiceFailure): boolean {
  return (
    /^(ExpiredToken|RequestExpired)/.test(failure.type ?? '') ||
    /security token .*expired/i.test(failure.message ?? '')
  );
}

/** Whether the request was refused because its date is more than 5 minutes off. */
export function isClockSkew(failure: ServiceFailure): boolean {
  return (
    /^(RequestTimeTooSkewed|RequestInTheFuture)/.test(failure.type ?? '') ||
    /signature (expired|not yet current)/i.test(failure.message ?? '')
  );
}
