/** What a process takes, over time, and whether it takes more and more. */
import { readdirSync } from 'node:fs';
import { binding } from '../../../ts/internal/binding.js';

/** What a process takes at one moment. */
export interface Sample {
  readonly minutes: number;
  readonly rss: number;
  readonly heap: number;
  readonly native: number;
  readonly handles: number;
  readonly descriptors: number;
  readonly threads: number;
}

type Quantity = Exclude<keyof Sample, 'minutes'>;

const KIB = 1024;
const MIB = 1024 * KIB;

/** How much more of each may be taken at the end of the second half than at its beginning. */
export const BOUNDS: Readonly<Record<Quantity, number>> = {
  rss: 12 * MIB,
  heap: 1.5 * MIB,
  native: 256 * KIB,
  handles: 6,
  descriptors: 6,
  threads: 0.5,
};

/** Measures this process, after a garbage collection. */
export function sample(minutes: number): Sample {
  (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    minutes,
    rss,
    heap: heapUsed,
    native: binding().allocatedBytes(),
    handles: process.getActiveResourcesInfo().length,
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
  };
}

/** How much a quantity grows in a minute: the line of least squares through the second half. */
export interface Slope {
  readonly quantity: Quantity;
  readonly perMinute: number;
  /** What that comes to over the second half. */
  readonly growth: number;
  readonly bound: number;
}

/** The slopes of everything that is measured. */
export function slopes(samples: readonly Sample[]): Slope[] {
  const half = samples.slice(Math.floor(samples.length / 2));
  const times = half.map(({ minutes }) => minutes);
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return (Object.keys(BOUNDS) as Quantity[]).map((quantity) => {
    const perMinute = slopeOf(
      times,
      half.map((one) => one[quantity]),
    );
    return { quantity, perMinute, growth: perMinute * span, bound: BOUNDS[quantity] };
  });
}

function slopeOf(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const [x0, y0] = [mean(xs), mean(ys)];
  const spread = xs.reduce((sum, x) => sum + (x - x0) ** 2, 0);
  const together = xs.reduce((sum, x, index) => sum + (x - x0) * ((ys[index] ?? 0) - y0), 0);
  return spread === 0 ? 0 : together / spread;
}

/** A quantity as people write it. */
export function amount(quantity: Quantity, value: number): string {
  if (quantity === 'rss' || quantity === 'heap') return `${(value / MIB).toFixed(2)} MiB`;
  if (quantity === 'native') return `${(value / KIB).toFixed(1)} KiB`;
  return value.toFixed(2);
}
