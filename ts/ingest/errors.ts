/** The errors of reading media, one sentence each with the value and the remedy. */
import { KinesisVideoError } from '../internal/errors.js';
import type { StatusName } from '../internal/status.js';

/** What can be given instead of a source that cannot be sent. */
export const READABLE_FORMATS =
  'MP4, MOV, Matroska, WebM, ADTS AAC, or H.264 or H.265 with start codes';

type Values = Readonly<Record<string, unknown>>;

/** An error that says the bytes of a source are not what they should be. */
export function formatError(message: string, values: Values, cause?: unknown): KinesisVideoError {
  return mediaError('STATUS_FORMAT_ERROR', message, values, cause);
}

/** An error that says a source ends before it is complete. */
export function truncated(message: string, values: Values, cause?: unknown): KinesisVideoError {
  return mediaError('STATUS_UNEXPECTED_EOF', message, values, cause);
}

/** An error that says what a source holds is sound and cannot be sent. */
export function unsupported(message: string, values: Values): KinesisVideoError {
  return mediaError('STATUS_NOT_IMPLEMENTED', message, values);
}

/** An error for a wrong argument. */
export function invalidArgument(message: string, values: Values): KinesisVideoError {
  return mediaError('STATUS_INVALID_ARG', message, values);
}

/** An error about a source, whose name, if it is not quoted, may begin the sentence. */
export function mediaError(
  code: StatusName,
  message: string,
  values: Values,
  cause?: unknown,
): KinesisVideoError {
  const sentence = message.charAt(0).toUpperCase() + message.slice(1);
  return new KinesisVideoError(code, sentence, { values, cause });
}
