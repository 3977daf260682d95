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

/**
 * Gives the frames of one track in one fragment their times. Matroska has presentation times
 * alone; decode times are found for each fragment by itself, in such a way that those of fragments
 * in a row fit.
 *
 * @param frames - of this track, in decoding order
 * @param origin - ticks of the fragment's own timestamp on the time line of the output
 */
export function samplesOf(
  track: MuxTrack,
  frames: readonly MatroskaFrame[],
  origin: number,
): MuxSample[] {
  const { timescale, frameDuration } = track;
  const clock = new DecodeClock<TimedFrame>(track.reordering);
  const timed = frames.map((frame) => ({
    frame,
    presentationTs: origin + timescale.fromUnits(frame.time),
    duration: frame.duration === undefined ? frameDuration : timescale.fromUnits(frame.duration),
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
      duration:
        (decodeTimes[index + 1] ?? decodeTime + lastDuration(duration, decodeTimes)) - decodeTime,
    };
  });
}

interface TimedFrame {
  readonly frame: MatroskaFrame;
  readonly presentationTs: number;
  readonly duration: number;
}

/** Containers count from zero, where decoding of the first frames would have to begin earlier. */
function ascending(times: readonly number[]): number[] {
  let last = -1;
  return times.map((time) => (last = Math.max(time, last + 1)));
}

/** Where nobody tells the duration of the last frame it lasts as long as the one before. */
function lastDuration(told: number, decodeTimes: readonly number[]): number {
  if (told > 0) return told;
  const [before, last] = decodeTimes.slice(-2);
  return before === undefined || last === undefined ? 0 : last - before;
}
