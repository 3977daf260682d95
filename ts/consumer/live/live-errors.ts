import { KinesisVideoError } from '../../internal/errors.js';
import type { StatusName } from '../../internal/status.js';
import type { FragmentError, MatroskaError } from '../../parser/index.js';

/** What the service could not decrypt, by its numbers. */
const KEY_ERRORS: ReadonlyMap<number, StatusName> = new Map<number, StatusName>([
  [4500, 'STATUS_ACK_ERR_KMS_KEY_ACCESS_DENIED'],
  [4501, 'STATUS_ACK_ERR_KMS_KEY_DISABLED'],
  [4502, 'STATUS_ACK_ERR_KMS_KEY_VALIDATION_ERROR'],
  [4503, 'STATUS_ACK_ERR_KMS_KEY_UNAVAILABLE'],
  [4504, 'STATUS_ACK_ERR_KMS_KEY_INVALID_USAGE'],
  [4505, 'STATUS_ACK_ERR_KMS_KEY_INVALID_STATE'],
  [4506, 'STATUS_ACK_ERR_KMS_KEY_NOT_FOUND'],
]);

/** The error for what the service told in the stream, when no repetition can mend it. */
export function fatalError(
  streamName: string,
  error: FragmentError,
): KinesisVideoError | undefined {
  const { id, message, fragmentNumber } = error;
  const code = id === undefined ? undefined : KEY_ERRORS.get(id);
  if (code === undefined) return undefined;
  const advice = 'let the credentials use the key that encrypts the stream, and enable the key';
  return new KinesisVideoError(
    code,
    `The media of stream "${streamName}" cannot be decrypted (error ${id ?? ''} ${message}): ${advice}.`,
    { values: { streamName, errorId: id, ...(fragmentNumber && { fragmentNumber }) }, advice },
  );
}

/** The error for media without the tags of the service. */
export function withoutNumber(streamName: string): KinesisVideoError {
  const advice = 'check that the endpoint is that of Kinesis Video Streams';
  return new KinesisVideoError(
    'STATUS_FORMAT_ERROR',
    `A fragment of stream "${streamName}" came without a number: ${advice}.`,
    { values: { streamName }, advice },
  );
}

/** The error for an answer that is no Matroska, time and again. */
export function damaged(streamName: string, cause: MatroskaError): KinesisVideoError {
  const advice = 'check what the producer sends, or go on with a later fragment';
  return new KinesisVideoError(
    'STATUS_FORMAT_ERROR',
    `The media of stream "${streamName}" are damaged (${cause.message}): ${advice}.`,
    { values: { streamName, reason: cause.code }, advice, cause },
  );
}
