/** The errors of reading media, one sentence each with the value and the remedy. */
import { KinesisVideoError } from '../internal/errors.js';

/** What can be given instead of a source that cannot be sent. */
export const READABLE_FORMATS =
  'MP4, MOV, Matroska, WebM, ADTS AAC, or H.264 or H.265 with start codes';

/** An error that says the bytes of `name` are not what they should be. */
export function formatError(
  message: string,
  values: Record<string, unknown>,
  cause?: unknown,
): KinesisVideoError {
  return new KinesisVideoError('STATUS_FORMAT_ERROR', message, { values, cause });
}

/** An error that says `name` ends before it is complete. */
export function truncated(
  message: string,
  values: Record<string, unknown>,
  cause?: unknown,
): KinesisVideoError {
  return new KinesisVideoError('STATUS_UNEXPECTED_EOF', message, { values, cause });
}

/** An error that says what `name` holds is sound and cannot be sent. */
export function unsupported(message: string, values: Record<string, unknown>): KinesisVideoError {
  return new KinesisVideoError('STATUS_NOT_IMPLEMENTED', message, { values });
}

/** An error for a wrong argument. */
export function invalidArgument(
  message: string,
  values: Record<string, unknown>,
): KinesisVideoError {
  return new KinesisVideoError('STATUS_INVALID_ARG', message, { values });
}
