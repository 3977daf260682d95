/** What a file promises and does not hold. */
import { isSeekable, type ByteSource } from '../byte-source.js';
import { truncated } from '../errors.js';
import type { KinesisVideoError } from '../../internal/errors.js';

const ADVICE = 'get it once more, whole; what was complete has been read';

function where(source: ByteSource): string {
  return isSeekable(source) ? `ends at byte ${source.size}, too early` : 'ends too early';
}

/** The index names samples behind the end; `times` are those of the first ones, in milliseconds. */
export function missingSamples(source: ByteSource, times: readonly number[]): KinesisVideoError {
  const from = Math.min(...times);
  return truncated(
    `${source.name} ${where(source)}: media from ${(from / 1000).toFixed(3)} s on is missing; ${ADVICE}.`,
    { source: source.name, from },
  );
}

/** The last box is not complete. */
export function missingBytes(source: ByteSource, type: string): KinesisVideoError {
  return truncated(
    `${source.name} ${where(source)}: its last box, "${type}", is cut off; ${ADVICE}.`,
    {
      source: source.name,
      box: type,
    },
  );
}
