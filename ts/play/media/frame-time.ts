import type { MatroskaFrame } from '../../parser/index.js';

/** When a frame is to be shown, in epoch milliseconds by the clock of the producer where that is told. */
export function timeOf({ producerTimestamp, timestamp }: MatroskaFrame): number {
  return producerTimestamp ?? timestamp;
}
