/** What rounds of a measurement say. */

/** Whether less is better, for each unit that trials use. */
const LOWER_IS_BETTER = {
  ns: true,
  µs: true,
  ms: true,
  MiB: true,
  's/GB': true,
  'ms/1000 frames': true,
  'instructions/frame': true,
  'MB/s': false,
  'frames/s': false,
};

/**
 * @param {string} unit
 * @returns {boolean}
 * @throws Error for a unit that is not known, since a comparison could then mean the opposite
 */
export function isLowerBetter(unit) {
  const lower = LOWER_IS_BETTER[unit];
  if (lower !== undefined) return lower;
  const known = Object.keys(LOWER_IS_BETTER).join(', ');
  throw new Error(`The unit "${unit}" is none of ${known}: add it to bench/harness/statistics.mjs`);
}

/**
 * The value below which the part `share` of the values lies, by nearest rank.
 *
 * @param {readonly number[]} values - in any order
 */
export function percentile(values, share) {
  const sorted = Float64Array.from(values).sort();
  const rank = Math.ceil(share * sorted.length) - 1;
  return sorted[Math.min(sorted.length - 1, Math.max(0, rank))];
}

/** The middle one of the rounds, and the lowest and the highest. */
export function summarize(rounds) {
  const sorted = Float64Array.from(rounds).sort();
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return { median, low: sorted[0], high: sorted[sorted.length - 1] };
}
