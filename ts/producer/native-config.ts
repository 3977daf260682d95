import { randomBytes } from 'node:crypto';
import type { NativeStreamConfig, NativeTrack } from '../internal/native.js';
import type { ResolvedDefinition } from './stream-definition.js';
import type { ResolvedTrack } from './track-info.js';

/** Stands in the Matroska header for what has written it. */
const WRITING_APP = 'kinesis-video-producer';

const TRACK_TYPES = { video: 1, audio: 2, other: 3 } as const;

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
    offline: definition.streamingType === 'offline',
    dropOldest: definition.storePressurePolicy === 'drop-oldest',
    fragmentAcks: definition.fragmentAcks,
    retained,
    absoluteTimecodes: definition.absoluteFragmentTimes,
    keyFrameFragmentation: definition.keyFrameFragmentation,
    fragmentDuration: definition.fragmentDuration,
    bufferDuration: definition.bufferDuration,
    timecodeScale: definition.timecodeScale,
    nalAdaptation: definition.nalAdaptationFlags,
    maxFrames: 0,
    highWaterMark: definition.highWaterMark,
    segmentUid: definition.segmentUuid ?? randomBytes(16),
    tracks: definition.tracks.map(toNativeTrack),
  };
}

function toNativeTrack(track: ResolvedTrack): NativeTrack {
  return { ...track, trackType: TRACK_TYPES[track.trackType] };
}
