/** The errors of a stream, each with what was given and what to do. */
import { KinesisVideoError } from '../internal/errors.js';
import {
  nativeError,
  type NativeAckEvent,
  type NativeStream,
  type NativeStreamMetrics,
} from '../internal/native.js';
import { Status } from '../internal/status.js';
import type { Frame } from './frame.js';
import type { ResolvedDefinition } from './stream-definition.js';

/** What a sentence about a frame needs to know of its stream. */
export interface PutErrorContext {
  readonly definition: ResolvedDefinition;
  readonly native: NativeStream;
}

/** The error for a frame that the core did not take. */
export function putError(
  status: number,
  frame: Frame,
  { definition, native }: PutErrorContext,
): KinesisVideoError {
  const { streamName } = definition;
  const { data, presentationTs, decodingTs = presentationTs, duration = 0, trackId = 1 } = frame;
  const bytes = data.byteLength;
  const problem =
    `Stream "${streamName}" did not take the frame of ${bytes} bytes at ${presentationTs} ms ` +
    `(decoded at ${decodingTs} ms, lasting ${duration} ms) of track ${trackId}`;
  const values = { streamName, bytes, presentationTs, decodingTs, duration, trackId };
  // Room comes with time, as what is stored gets delivered.
  const retryable = status === Status.STATUS_STORE_OUT_OF_MEMORY;
  const metrics = native.metrics();
  const known = typeof metrics === 'number' ? undefined : metrics;
  const reason = reasonOf(status, frame, definition, known);
  const sentence = reason === undefined ? problem : `${problem}: ${reason}`;
  return nativeError(status, sentence, values, retryable);
}

/** What the status alone does not tell: the mistake that most likely led to it. */
function reasonOf(
  status: number,
  frame: Frame,
  definition: ResolvedDefinition,
  metrics: NativeStreamMetrics | undefined,
): string | undefined {
  const { tracks } = definition;
  const { data, trackId = 1 } = frame;
  const isNoTrackId = status === Status.STATUS_INVALID_ARG && !Number.isSafeInteger(trackId);
  if (isNoTrackId || status === Status.STATUS_MKV_TRACK_INFO_NOT_FOUND) {
    const ids = tracks.map(({ trackId, trackType }) => `${trackId} (${trackType})`).join(', ');
    return `the stream has the tracks ${ids} only; with packets of openMedia create it with \`tracks: media.tracks\``;
  }
  if (status === Status.STATUS_STORE_OUT_OF_MEMORY) return noRoom(definition, metrics);
  if (status === Status.STATUS_MKV_INVALID_FRAME_TIMESTAMP) {
    return outOfOrder(frame, definition, metrics);
  }
  const lacksConfig = tracks.some((track) => track.codecPrivateData.byteLength === 0);
  if (lacksConfig && isLengthPrefixed(data) && CODEC_STATUSES.has(status)) {
    return (
      'its NAL units have lengths as in MP4, not start codes, and only the track of the file knows how ' +
      'to decode them; create the stream with `tracks: media.tracks`'
    );
  }
  return undefined;
}

function noRoom(
  { streamingType, highWaterMark }: ResolvedDefinition,
  metrics: NativeStreamMetrics | undefined,
): string | undefined {
  if (streamingType !== 'offline' || metrics === undefined) return undefined;
  if (metrics.pendingBytes <= highWaterMark) return undefined;
  return (
    `${metrics.pendingBytes} bytes are still to be sent, more than its highWaterMark of ` +
    `${highWaterMark}; use put(), which waits`
  );
}

/** Why a time is refused that may be right by itself. */
function outOfOrder(
  { keyFrame, presentationTs }: Frame,
  { tracks, timecodeScale, frameOrder }: ResolvedDefinition,
  metrics: NativeStreamMetrics | undefined,
): string | undefined {
  if (metrics === undefined || metrics.viewFrames === 0) return undefined;
  const lastTs = metrics.undeliveredLastTs;
  const timecode = (time: number): number => Math.round(time / timecodeScale);
  if (keyFrame === true && timecode(presentationTs) === timecode(lastTs)) {
    return (
      'it is a key frame at the time of the frame before, and a fragment has to begin later than the ' +
      'one before it ends; give it a later time, a smaller timecodeScale, or one key frame a fragment'
    );
  }
  if (tracks.length > 1 && frameOrder === 'pass-through' && presentationTs < lastTs) {
    return (
      `it is earlier than a frame put before it, at ${lastTs} ms, and with the frameOrder ` +
      "'pass-through' the frames of all tracks have to come in order; use 'multi-track'"
    );
  }
  return undefined;
}

/** Statuses of a first key frame from which no codec private data can be taken. */
const CODEC_STATUSES: ReadonlySet<number> = new Set([
  Status.STATUS_MKV_INVALID_ANNEXB_NALU_IN_FRAME_DATA,
  Status.STATUS_MKV_INVALID_ANNEXB_NALU_IN_CPD,
  Status.STATUS_MKV_INVALID_H264_H265_CPD,
  Status.STATUS_MKV_MIN_ANNEX_B_CPD_SIZE,
  Status.STATUS_MKV_ANNEXB_CPD_MISSING_NALUS,
  Status.STATUS_MKV_INVALID_ANNEXB_CPD_NALUS,
  Status.STATUS_MKV_HEVC_SPS_NALU_MISSING,
  Status.STATUS_MKV_MISSING_SPS_FROM_H264_CPD,
  Status.STATUS_MKV_MISSING_PPS_FROM_H264_CPD,
]);

/** Whether a frame consists of NAL units with four bytes of length before each. */
function isLengthPrefixed(data: Uint8Array): boolean {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let offset = 0;
  while (offset + 4 < data.byteLength) {
    const length = view.getUint32(offset);
    if (length === 0) return false;
    offset += 4 + length;
  }
  return offset === data.byteLength;
}

/** The error for something that was asked of the core about a stream and did not work. */
export function commandError(
  status: number,
  streamName: string,
  what: string,
  values: Readonly<Record<string, unknown>> = {},
): KinesisVideoError {
  return nativeError(status, `Stream "${streamName}" ${what}`, { streamName, ...values });
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

/** The error for the end of a fragment when there is none. */
export function noFragmentError(streamName: string): KinesisVideoError {
  const advice = 'put a key frame first';
  return new KinesisVideoError(
    'STATUS_CONTENT_VIEW_NO_MORE_ITEMS',
    `Stream "${streamName}" has no fragment to end: ${advice}.`,
    { values: { streamName }, advice },
  );
}

/** The error of a stream that a retry callback gave up. */
export function advisedError(streamName: string, callback: string): KinesisVideoError {
  const advice = 'create it again with client.createStream() to go on';
  return new KinesisVideoError(
    'STATUS_CONTINUOUS_RETRY_RESET_FAILED',
    `Stream "${streamName}" was given up by the retry callback ${callback}: ${advice}.`,
    { values: { streamName, callback }, advice },
  );
}

/** The error of a stream that was destroyed with an error of the program. */
export function destroyedError(streamName: string, reason: unknown): KinesisVideoError {
  const text = reason instanceof Error ? reason.message : String(reason);
  return new KinesisVideoError(
    'STATUS_STREAM_HAS_BEEN_STOPPED',
    `Stream "${streamName}" was destroyed: ${text}`,
    { values: { streamName }, cause: reason },
  );
}

/** The error for an end of a fragment whose last frames wait. */
export function overtakingError(streamName: string): KinesisVideoError {
  const advice = 'await put() before endFragment()';
  return new KinesisVideoError(
    'STATUS_STORE_OUT_OF_MEMORY',
    `Stream "${streamName}" has frames that wait for room, and its fragment cannot end before them: ${advice}.`,
    { values: { streamName }, advice, retryable: true },
  );
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
