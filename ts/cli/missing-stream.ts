import { KinesisVideoError } from '../internal/errors.js';

/** Turns the error for a stream that is not there into one with the remedies of the command line. */
export function explainMissing(error: unknown, streamName: string): unknown {
  const isMissing =
    error instanceof KinesisVideoError &&
    error.code === 'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR';
  return isMissing ? missingStream(streamName, error) : error;
}

/** The error for a stream that is not there. */
export function missingStream(streamName: string, cause?: unknown): KinesisVideoError {
  const advice = 'check the name and the region, or create it with `kvs create`';
  return new KinesisVideoError(
    'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR',
    `Stream "${streamName}" does not exist or is not active: ${advice}.`,
    { values: { streamName }, advice, cause },
  );
}
