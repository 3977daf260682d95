import { DecodeClock } from '../codec/decode-clock.js';
import type { MatroskaFrame } from './fragment.js';
import type { MuxTrack } from './track.js';

/** One frame with all its times, in ticks of its track. */
export interface MuxSample {
  readonly data: Uint8Array;
  readonly keyFrame: boolean;
  readonly presentationTime: number;
  /** Rises from sample to sample and is never below zero. */
  readonly decodeTime: number;
  /** To the decode time of the next sample. */
  readonly duration: number;
}

/** The samples of one track that go into one segment or file. */
export interface TrackSamples {
  readonly track: MuxTrack;
  readonly samples: readonly MuxSample[];
}

/**
 * Gives the frames of one track in one fragment their times. Matroska has presentation times
 * alone; decode times are found for each fragment by itself, in such a way that those of fragments
 * in a row fit.
 *
 * @param frames - of this track, in decoding order
 * @param origin - ticks of the fragment's own timestamp on the time line of the output
 * @param loneDuration - ticks that a frame lasts where neither the track nor other frames tell
 */
export function samplesOf(
  track: MuxTrack,
  frames: readonly MatroskaFrame[],
  origin: number,
  loneDuration = 0,
): MuxSample[] {
  const { timescale } = track;
  const step = frameStep(track, frames) || loneDuration;
  const clock = new DecodeClock<TimedFrame>(track.reordering);
  const timed = frames.map((frame) => ({
    frame,
    presentationTs: origin + timescale.fromUnits(frame.time),
    duration: frame.duration === undefined ? step : timescale.fromUnits(frame.duration),
  }));
  const stamped = [...timed.flatMap((packet) => clock.push(packet)), ...clock.finish()];
  const decodeTimes = ascending(stamped.map(({ decodingTs }) => decodingTs));
  return stamped.map(({ frame, presentationTs, duration }, index) => {
    const decodeTime = decodeTimes[index] as number;
    return {
      data: frame.data,
      keyFrame: frame.keyFrame || track.type === 'audio',
      presentationTime: presentationTs,
      decodeTime,
      duration: (decodeTimes[index + 1] ?? decodeTime + duration) - decodeTime,
    };
  });
}

/**
 * Ticks from the fragment's own timestamp to the end of the last frame of the track; 0 for a single
 * frame of which nobody tells how long it lasts.
 */
export function trackSpan(track: MuxTrack, frames: readonly MatroskaFrame[]): number {
  const step = frameStep(track, frames);
  if (frames.length === 0 || step === 0) return 0;
  const last = frames.reduce((latest, { time }) => Math.max(latest, time), -Infinity);
  return track.timescale.fromUnits(last) + step;
}

interface TimedFrame {
  readonly frame: MatroskaFrame;
  readonly presentationTs: number;
  readonly duration: number;
}

/** Ticks that a frame lasts: as the track tells, or as most of its frames are apart. */
function frameStep(
  { frameDuration, timescale }: MuxTrack,
  frames: readonly MatroskaFrame[],
): number {
  if (frameDuration > 0) return frameDuration;
  const times = frames.map(({ time }) => timescale.fromUnits(time)).sort((a, b) => a - b);
  const steps = times.slice(1).map((time, index) => time - (times[index] as number));
  return steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0;
}

/** Containers count from zero, where decoding of the first frames would have to begin earlier. */
function ascending(times: readonly number[]): number[] {
  let last = -1;
  return times.map((time) => (last = Math.max(time, last + 1)));
}
