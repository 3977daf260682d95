/** The errors of a stream, each with what was given and what to do. */
import { KinesisVideoError } from '../internal/errors.js';
import { nativeError, type NativeAckEvent } from '../internal/native.js';
import { Status } from '../internal/status.js';
import type { Frame } from './frame.js';

/** The error for a frame that the core did not take. */
export function putError(status: number, streamName: string, frame: Frame): KinesisVideoError {
  const { data, presentationTs, decodingTs = presentationTs, duration = 0, trackId = 1 } = frame;
  const bytes = data.byteLength;
  const problem =
    `Stream "${streamName}" did not take the frame of ${bytes} bytes at ${presentationTs} ms ` +
    `(decoded at ${decodingTs} ms, lasting ${duration} ms) of track ${trackId}`;
  const values = { streamName, bytes, presentationTs, decodingTs, duration, trackId };
  // Room comes with time, as what is stored gets delivered.
  const retryable = status === Status.STATUS_STORE_OUT_OF_MEMORY;
  return nativeError(status, problem, values, retryable);
}

/** The error for fragment metadata that the core did not take. */
export function metadataError(
  status: number,
  streamName: string,
  name: string,
  value: string,
): KinesisVideoError {
  const problem =
    `Stream "${streamName}" did not take the metadata ${JSON.stringify(name)} with the value ` +
    JSON.stringify(value);
  return nativeError(status, problem, { streamName, name, value });
}

/** What an ERROR acknowledgement means for the connection that it ends. */
export function ackError(streamName: string, event: NativeAckEvent): KinesisVideoError {
  const { errorId, errorCode, fragmentNumber, fragmentTimecode, status } = event;
  const fragment =
    fragmentTimecode === undefined ? '' : ` for the fragment at ${fragmentTimecode} ms`;
  const problem = `The service answered stream "${streamName}" with error ${errorId} ${errorCode}${fragment}`;
  const error = nativeError(status, problem, { streamName, errorId, errorCode, fragmentNumber });
  // Whatever it was, the next connection can go on: with the fragment, or without it.
  return new KinesisVideoError(error.code, error.message, {
    values: error.values,
    retryable: true,
  });
}

/** The error for an acknowledgement that is not one. */
export function unreadableAckError(streamName: string, status: number): KinesisVideoError {
  const problem = `The service sent stream "${streamName}" an acknowledgement that cannot be read`;
  return nativeError(status, problem, { streamName });
}

/** What putting a frame throws after `stop` or `destroy`. */
export function stoppedError(streamName: string): KinesisVideoError {
  const advice = 'create it again with client.createStream() to go on';
  return new KinesisVideoError(
    'STATUS_STREAM_HAS_BEEN_STOPPED',
    `Stream "${streamName}" has been stopped: ${advice}.`,
    { values: { streamName }, advice },
  );
}

/** What a waiting `put` rejects with when the stream is stopped. */
export function interruptedError(streamName: string): KinesisVideoError {
  const advice = 'await put() before stop()';
  return new KinesisVideoError(
    'STATUS_BLOCKING_PUT_INTERRUPTED_STREAM_TERMINATED',
    `Stream "${streamName}" was stopped while a frame waited for room: ${advice}.`,
    { values: { streamName }, advice },
  );
}
