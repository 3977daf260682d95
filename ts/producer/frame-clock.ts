/** Notices, at the first frame of a stream, times that are meant in another unit or on another clock. */
import { KinesisVideoError } from '../internal/errors.js';
import type { Logger } from '../logging/index.js';
import { warnProcess } from '../internal/process-warning.js';
import type { ResolvedDefinition } from './stream-definition.js';

const CODE = 'STATUS_MKV_INVALID_FRAME_TIMESTAMP';
const YEAR = 365 * 86_400_000;
/** How far (ms) a time may be from now to be taken for one of the present in another unit. */
const PRESENT = 5 * YEAR;
/** Times before this (ms) are positions in a file or of a clock that began with the machine. */
const NO_EPOCH = 3 * YEAR;
/** How far (ms) the frames of a live source may be from now without a word. */
const FAR = 86_400_000;

/** Units that are mistaken for milliseconds, and how many of the latter they are. */
const UNITS = [
  ['seconds', 1000],
  ['microseconds', 1e-3],
  ['nanoseconds', 1e-6],
] as const;

/** What is to be told about the time of a first frame. */
export interface ClockRemark {
  readonly sentence: string;
  /** Whether a program that has no logger shall be told too. */
  readonly isUrgent: boolean;
}

/**
 * Tells of the time of a stream's first frame when it is odd: the logger, or without one the process.
 *
 * @throws KinesisVideoError as `checkFirstTime` does
 */
export function tellFirstTime(
  presentationTs: number,
  { definition, logger }: { readonly definition: ResolvedDefinition; readonly logger: Logger },
): void {
  const remark = checkFirstTime(presentationTs, definition);
  if (remark === undefined) return;
  const { streamName } = definition;
  logger.info?.({ streamName, code: CODE, presentationTs }, remark.sentence);
  if (remark.isUrgent && logger.info === undefined) warnProcess(remark.sentence, CODE);
}

/**
 * Looks at the time of a stream's first frame.
 *
 * @throws KinesisVideoError STATUS_MKV_INVALID_FRAME_TIMESTAMP when it is the present in another unit
 */
export function checkFirstTime(
  presentationTs: number,
  definition: ResolvedDefinition,
  now = Date.now(),
): ClockRemark | undefined {
  const { absoluteFragmentTimes, frameTimecodes, streamingType, streamName } = definition;
  if (!frameTimecodes || !absoluteFragmentTimes) return undefined;
  const unit = UNITS.find(([, factor]) => Math.abs(presentationTs * factor - now) < PRESENT);
  if (unit !== undefined) throw wrongUnit(streamName, presentationTs, unit);
  if (presentationTs < 0 || presentationTs > 8.64e15) return undefined;

  const date = new Date(presentationTs).toISOString();
  const first = `The first frame of stream "${streamName}" is at ${presentationTs} ms, which is ${date}`;
  if (presentationTs < NO_EPOCH) {
    const advice =
      'add the time when the media begin, such as Date.now(), or set absoluteFragmentTimes: false';
    return { sentence: `${first}: times count from 1970; ${advice}.`, isUrgent: true };
  }
  if (streamingType !== 'realtime' || Math.abs(presentationTs - now) < FAR) return undefined;
  const advice =
    'check the clocks of this machine and of the source, unless the media are recorded';
  return { sentence: `${first}, far from now: ${advice}.`, isUrgent: false };
}

function wrongUnit(
  streamName: string,
  presentationTs: number,
  [unit, factor]: (typeof UNITS)[number],
): KinesisVideoError {
  const operation = factor > 1 ? `multiply it by ${factor}` : `divide it by ${1 / factor}`;
  const advice = `give milliseconds since the epoch, as Date.now() does: ${operation}`;
  return new KinesisVideoError(
    CODE,
    `The presentationTs ${presentationTs} of the first frame of stream "${streamName}" looks like ` +
      `${unit}: ${advice}.`,
    { values: { streamName, presentationTs, unit }, advice },
  );
}
