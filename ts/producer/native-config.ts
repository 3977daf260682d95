import type { NativeStreamConfig, NativeTrack } from '../internal/native.js';
import { FRAME_ORDERS, type ResolvedDefinition } from './stream-definition.js';
import type { ResolvedTrack } from './track-info.js';

/** Stands in the Matroska header for what has written it. */
const WRITING_APP = 'kinesis-video-producer';

const TRACK_TYPES = { video: 1, audio: 2, other: 3 } as const;
const STREAMING_TYPES = { realtime: 0, 'near-realtime': 1, offline: 2 } as const;
const REPLAY_POINTS = { persisted: 0, received: 1 } as const;
const TIMESTAMP_POLICIES = { throw: 0, drop: 1, fix: 2 } as const;

/**
 * A stream's definition in the core's terms.
 *
 * @param retained - whether the service stores what it gets and says so
 */
export function toNativeConfig(
  definition: ResolvedDefinition,
  retained: boolean,
): NativeStreamConfig {
  return {
    name: definition.streamName,
    writingApp: WRITING_APP,
    streamingType: STREAMING_TYPES[definition.streamingType],
    dropOldest: definition.storePressurePolicy === 'drop-oldest',
    fragmentAcks: definition.fragmentAcks,
    retained,
    absoluteTimecodes: definition.absoluteFragmentTimes,
    keyFrameFragmentation: definition.keyFrameFragmentation,
    fragmentDuration: definition.fragmentDuration,
    bufferDuration: definition.bufferDuration,
    replayDuration: definition.replayDuration,
    replayPoint: REPLAY_POINTS[definition.replayPoint],
    maxLatency: definition.maxLatency,
    staleness: definition.fragmentAcks ? definition.connectionStaleness : 0,
    idleTimeout: definition.idleTimeout,
    frameOrder: FRAME_ORDERS.indexOf(definition.frameOrder),
    orderWindow: definition.orderWindow,
    timestampPolicy: TIMESTAMP_POLICIES[policyOf(definition)],
    timecodeScale: definition.timecodeScale,
    nalAdaptation: definition.nalAdaptationFlags,
    maxFrames: definition.maxFrames,
    highWaterMark: definition.highWaterMark,
    segmentUid: definition.segmentUuid ?? randomUid(),
    tracks: definition.tracks.map(toNativeTrack),
  };
}

/** Times that the caller does not choose are mended: a clock that was set is not the frame's fault. */
function policyOf(definition: ResolvedDefinition): ResolvedDefinition['timestampPolicy'] {
  const { frameTimecodes, timestampPolicy } = definition;
  return !frameTimecodes && timestampPolicy === 'throw' ? 'fix' : timestampPolicy;
}

/** Made by Web Crypto, which Node.js loads when it is first touched. */
function randomUid(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(16));
}

function toNativeTrack(track: ResolvedTrack): NativeTrack {
  return { ...track, trackType: TRACK_TYPES[track.trackType] };
}
