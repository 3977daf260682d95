/**
 * What helps after a failure of the upload: one table, read from the top. Whatever is not listed
 * passes by itself, so that a new connection is all it takes.
 */
import type { KinesisVideoError } from '../internal/errors.js';

/**
 * What happens before the next attempt.
 *
 * - `give-up`: nothing, there is no next attempt: the user has to change something.
 * - `reconnect`: nothing.
 * - `renew`: nothing but the attempt itself, at once the first time: the service has refused
 *   credentials, which their provider was told, or the time of a signature, which was learned.
 * - `resolve-endpoint`: the data endpoint is asked for again, since the old one may be what fails.
 * - `describe-stream`: the stream is described, and created again when it is gone and may be; then its
 *   endpoint is asked for.
 */
export type Remedy = 'give-up' | 'reconnect' | 'renew' | 'resolve-endpoint' | 'describe-stream';

/** What is known besides the error. */
export interface Circumstances {
  /**
   * Whether the stream has had a connection that the service accepted. Until then an error that does
   * not pass by itself is a mistake in the configuration; afterwards it is taken for a trouble of the
   * network, such as a sign-in page that answers for the service, unless the table knows better.
   */
  readonly hasWorked: boolean;
  /** For how long (ms) the service has said that the stream does not exist; 0 unless it has. */
  readonly missingFor: number;
}

/** How long (ms) a stream may be missing that was there: whoever has deleted it may create it again. */
export const MISSING_GRACE = 5000;

/** Whether the service has said that there is no such stream. */
export function isMissing({ code, values }: KinesisVideoError): boolean {
  return (
    code === 'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR' &&
    values['operation'] === 'DescribeStream'
  );
}

interface Rule {
  readonly when: (error: KinesisVideoError, circumstances: Circumstances) => boolean;
  readonly remedy: Remedy;
}

const NOT_AUTHORIZED = 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR';

/** The service has answered, and not something in front of it. */
const isAnswer = ({ values }: KinesisVideoError): boolean => values['errorType'] !== undefined;

const hasCode =
  (...codes: readonly string[]) =>
  ({ code }: KinesisVideoError): boolean =>
    codes.includes(code);

/** The service does not know the keys, or not that they belong together. */
const UNKNOWN_KEYS =
  /^(UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch)/;

const RULES: readonly Rule[] = [
  // Keys that were good are being exchanged.
  {
    when: ({ code, values }, { hasWorked }) =>
      code === NOT_AUTHORIZED && hasWorked && UNKNOWN_KEYS.test(String(values['errorType'])),
    remedy: 'renew',
  },
  // A policy, keys that were never good, a region that is not the endpoint's.
  {
    when: (error) => error.code === NOT_AUTHORIZED && !error.retryable && isAnswer(error),
    remedy: 'give-up',
  },
  // An expired token, or a signature at the wrong time.
  { when: (error) => error.code === NOT_AUTHORIZED && error.retryable, remedy: 'renew' },
  // Described and not there, and it may not be created.
  {
    when: (error, { hasWorked, missingFor }) =>
      isMissing(error) && (!hasWorked || missingFor >= MISSING_GRACE),
    remedy: 'give-up',
  },
  // Gone, going, or being changed.
  {
    when: hasCode(
      'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR',
      'STATUS_STREAM_IS_BEING_DELETED_ERROR',
      'STATUS_ACK_ERR_STREAM_NOT_ACTIVE',
      'STATUS_ACK_ERR_STREAM_DELETED',
    ),
    remedy: 'describe-stream',
  },
  // Keys that were given once and have expired.
  {
    when: ({ code, retryable }) => code === 'STATUS_INVALID_TOKEN_EXPIRATION' && !retryable,
    remedy: 'give-up',
  },
  // An argument that the service will not take the next time either.
  {
    when: (error) =>
      hasCode(
        'STATUS_SERVICE_CALL_INVALID_ARG_ERROR',
        'STATUS_SERVICE_CALL_DEVICE_NOT_FOUND_ERROR',
      )(error) && isAnswer(error),
    remedy: 'give-up',
  },
  // A mistake of the program, ours included.
  { when: hasCode('STATUS_INVALID_ARG', 'STATUS_INTERNAL_ERROR'), remedy: 'give-up' },
  { when: ({ retryable }, { hasWorked }) => !retryable && !hasWorked, remedy: 'give-up' },
  // The service lives and has said why it ended the connection, or that it is asked too often.
  {
    when: ({ code }) => code.startsWith('STATUS_ACK_ERR_'),
    remedy: 'reconnect',
  },
  {
    when: hasCode(
      'STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR',
      'STATUS_GET_STREAMING_TOKEN_CALL_FAILED',
      'STATUS_IOT_FAILED',
      'STATUS_IOT_INVALID_RESPONSE_LENGTH',
      'STATUS_INVALID_TOKEN_EXPIRATION',
    ),
    remedy: 'reconnect',
  },
];

/** What helps after `error`; a lost connection may mean that the endpoint has moved. */
export function remedyFor(error: KinesisVideoError, circumstances: Circumstances): Remedy {
  return RULES.find(({ when }) => when(error, circumstances))?.remedy ?? 'resolve-endpoint';
}
