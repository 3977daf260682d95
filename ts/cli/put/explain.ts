/** Errors and refusals in terms of the command line: what is wrong with the media, and what to type. */
import { KinesisVideoError } from '../../internal/errors.js';
import type { StatusName } from '../../internal/status.js';
import type { DropReason, FragmentAck, Frame } from '../../producer/index.js';
import { formatBytes, formatPosition } from '../format.js';
import { explainMissing } from '../missing-stream.js';

/** What the sentences are made with. */
export interface ExplainContext {
  /** What to call the media in a sentence. */
  readonly source: string;
  readonly streamName: string;
  readonly storageSize: number;
  /** Milliseconds into the media of a time of the stream. */
  readonly positionOf: (presentationTs: number) => number;
  /** The same of a timecode that the service sent back, which can be a relative one. */
  readonly positionOfTimecode: (timecode: number) => number;
}

/** Longest fragment that the service takes, in seconds. */
const MAX_FRAGMENT = 20;

const MORE_KEY_FRAMES =
  'have the encoder make a key frame every 2 s or so, for example with `ffmpeg -i IN -g 50 OUT` at 25 frames a second';

/** How much earlier than its decoding time (ms) a frame may be shown before something is wrong. */
const MAX_EARLY = 1000;

const REFUSALS: Readonly<Partial<Record<number, string>>> = {
  4001: `it is larger than 50 MB: ${MORE_KEY_FRAMES}, or lower the bit rate`,
  4002: `it is longer than ${MAX_FRAGMENT} s: ${MORE_KEY_FRAMES}`,
  4004: 'its times are not later than those of the fragment before it: give each upload a later --start-time, and the media increasing timestamps',
  4006: 'its content cannot be read: check the media with `ffprobe`',
  4008: 'the stream has been deleted or is not active: check it with `kvs describe`',
  4011: 'one of its tracks has no frame in it, as when the sound begins after the picture or ends before it: send one track with --tracks video',
};

/** The sentence about a fragment that the service has refused for good. */
export function explainRefusal(ack: FragmentAck, context: ExplainContext): KinesisVideoError {
  const { fragmentTimecode, errorId = 0, errorCode = 'an error', status } = ack;
  const reason = REFUSALS[errorId] ?? 'see the error table of PutMedia in the AWS documentation';
  const place =
    fragmentTimecode === undefined || fragmentTimecode < 0
      ? 'a fragment'
      : `the fragment at ${formatPosition(context.positionOfTimecode(fragmentTimecode))}`;
  return new KinesisVideoError(
    status ?? 'STATUS_SERVICE_CALL_UNKNOWN_ERROR',
    `The service refused ${place} of ${context.source} with ${errorCode} (${errorId}): ${reason}.`,
    { values: { errorId, errorCode, fragmentTimecode } },
  );
}

const DROPS: Readonly<Record<Exclude<DropReason, 'rejected'>, readonly [StatusName, string]>> = {
  'awaiting-key-frame': [
    'STATUS_SERVICE_CALL_INVALID_ARG_ERROR',
    'does not begin with a key frame, and the frames before the first one cannot be played and are not sent: cut it at a key frame, or encode it again with `ffmpeg -i IN OUT`',
  ],
  'buffer-duration': [
    'STATUS_OPERATION_TIMED_OUT',
    'arrives faster than the network carries it away, and frames older than the buffer holds are dropped: lower the bit rate, or check the network',
  ],
  'store-pressure': [
    'STATUS_STORE_OUT_OF_MEMORY',
    'arrives faster than the network carries it away, and frames for which the store has no room are dropped: lower the bit rate, or give a larger --storage-size or a --spill-dir',
  ],
  'frame-count': [
    'STATUS_STORE_OUT_OF_MEMORY',
    'arrives faster than the network carries it away, and more frames than can be counted at a time are dropped: check the network',
  ],
  'replay-duration': [
    'STATUS_OPERATION_TIMED_OUT',
    'was sent and not confirmed when the connection was lost, and what is older than --replay-duration is not sent again: allow more of it, or leave it out',
  ],
  reset: ['STATUS_STREAM_HAS_BEEN_STOPPED', 'was given up when the stream was reset'],
  late: [
    'STATUS_CONTENT_VIEW_INVALID_TIMESTAMP',
    'has a track whose frames come so late that their fragments are gone: interleave it anew, for example with `ffmpeg -i IN -c copy OUT`',
  ],
  timestamp: [
    'STATUS_MKV_INVALID_FRAME_TIMESTAMP',
    'has frames whose timestamps cannot be sent, and they are dropped as --timestamps drop says: mend them with --timestamps fix',
  ],
  'spill-failed': [
    'STATUS_READ_FILE_FAILED',
    'was moved to the spill, which could not give it back: check the disk of --spill-dir',
  ],
};

/** The sentence about frames that were dropped on this side. */
export function explainDrop(
  reason: Exclude<DropReason, 'rejected'>,
  { source }: ExplainContext,
): KinesisVideoError {
  const [code, sentence] = DROPS[reason];
  return new KinesisVideoError(code, `${source} ${sentence}.`, { values: { reason } });
}

/** The error about a frame that was not taken, in terms of the media. */
export function explainPut(error: unknown, frame: Frame, context: ExplainContext): unknown {
  if (!(error instanceof KinesisVideoError)) return error;
  const sentence = putSentence(error.code, frame, context);
  if (sentence === undefined) return error;
  // Half a minute without a key frame is refused on both sides, and is to be told once.
  const isLong = error.code === 'STATUS_MKV_LARGE_FRAME_TIMECODE';
  const code = isLong ? 'STATUS_ACK_ERR_FRAGMENT_DURATION_REACHED' : error.code;
  return new KinesisVideoError(code, sentence, { values: error.values, cause: error });
}

/**
 * The error about a frame that would be shown long before it is decoded, as after a jump back of the
 * timestamps. Files exist in which reordered frames are a little early, which does no harm.
 */
export function explainBackwards(
  frame: Frame,
  { source, positionOf }: ExplainContext,
): KinesisVideoError | undefined {
  const { presentationTs, decodingTs = presentationTs } = frame;
  if (decodingTs - presentationTs < MAX_EARLY) return undefined;
  return new KinesisVideoError(
    'STATUS_CONTENT_VIEW_INVALID_TIMESTAMP',
    backwardsSentence(frame, source, formatPosition(positionOf(presentationTs))),
    { values: { presentationTs, decodingTs } },
  );
}

function backwardsSentence({ trackId = 1 }: Frame, source: string, at: string): string {
  return (
    `The timestamps of track ${trackId} of ${source} run backwards to ${at} or are out of range: ` +
    'write them anew, for example with `ffmpeg -fflags +genpts -i IN -c copy OUT`, and check --start-time.'
  );
}

function putSentence(
  code: StatusName,
  frame: Frame,
  { source, storageSize, positionOf }: ExplainContext,
): string | undefined {
  const at = formatPosition(positionOf(frame.presentationTs));
  switch (code) {
    case 'STATUS_CONTENT_VIEW_INVALID_TIMESTAMP':
    case 'STATUS_MKV_INVALID_FRAME_TIMESTAMP':
      return backwardsSentence(frame, source, at);
    case 'STATUS_MKV_LARGE_FRAME_TIMECODE':
      return `${source} has no key frame in the last ${MAX_FRAGMENT} s and more before ${at}, and a fragment may last ${MAX_FRAGMENT} s: ${MORE_KEY_FRAMES}.`;
    case 'STATUS_INVALID_ALLOCATION_SIZE':
    case 'STATUS_STORE_OUT_OF_MEMORY':
      return (
        `The fragment of ${source} with the frame of ${formatBytes(frame.data.byteLength)} at ${at} does not fit into ` +
        `the store of ${formatBytes(storageSize)} beside what is being sent: give a larger --storage-size, or ${MORE_KEY_FRAMES}.`
      );
    default:
      return undefined;
  }
}

/** The error of setting up an upload, where the remedy is an option of the command. */
export function explainSetup(error: unknown, context: ExplainContext): unknown {
  if (!(error instanceof KinesisVideoError)) return error;
  const { streamName } = context;
  if (error.code === 'STATUS_OFFLINE_MODE_WITH_ZERO_RETENTION') {
    const message = `Stream "${streamName}" keeps no media, and only a stored fragment can be confirmed: give it a retention period, or send with --realtime.`;
    return new KinesisVideoError(error.code, message, { values: error.values, cause: error });
  }
  return explainMissing(error, streamName);
}
