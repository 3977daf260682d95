/** Two reports of the same benchmark, before and after a change. */

/** The version of the form of reports; a report of another one cannot be compared. */
export const SCHEMA = 1;

/**
 * @typedef {{ name: string, unit: string, better: 'lower' | 'higher', median: number, low: number,
 *   high: number }} Measurement
 * @typedef {{ quick: boolean, machine: { cpu?: string, cores: number, system: string },
 *   versions: { node: string }, measurements: Measurement[] }} Report - as far as it is compared
 * @typedef {{ name: string, unit: string, before: number, after: number, ratio: number,
 *   verdict: 'same' | 'better' | 'worse' }} Change - `ratio` is how many times as good the median has
 *   become: below 1 is worse
 */

/** Ranges of exact counts have no width: less than this is not worth a word. */
const NEGLIGIBLE = 0.01;

/**
 * @param {unknown} report
 * @param {string} file - where it comes from
 * @throws Error that says why the file is no report
 */
export function checkReport(report, file) {
  if (report?.benchmark !== 'kinesis-video-producer') {
    throw new Error(`${file} is no report of this benchmark: give it one that --json has printed`);
  }
  if (report.schema !== SCHEMA) {
    throw new Error(
      `${file} has the form ${report.schema}, and this is the benchmark for ${SCHEMA}: make the report anew at its commit`,
    );
  }
}

/**
 * What has changed in each measurement that both reports have.
 *
 * A change counts only where every round of one report is better than every round of the other: it is
 * `better` or `worse` then, and otherwise `same`, since repeating one of the two could have given it.
 *
 * @param {Pick<Report, 'measurements'>} before
 * @param {Pick<Report, 'measurements'>} after
 * @returns {{ changes: Change[], onlyBefore: string[], onlyAfter: string[] }}
 */
export function compare(before, after) {
  const old = new Map(before.measurements.map((each) => [each.name, each]));
  const names = new Set(after.measurements.map(({ name }) => name));
  const both = after.measurements.filter(({ name }) => old.has(name));
  return {
    changes: both.map((each) => changeOf(old.get(each.name), each)),
    onlyBefore: [...old.keys()].filter((name) => !names.has(name)),
    onlyAfter: [...names].filter((name) => !old.has(name)),
  };
}

function changeOf(before, after) {
  const { name, unit, better } = after;
  if (before.unit !== unit) {
    throw new Error(`${name} was measured in ${before.unit}, and now in ${unit}`);
  }
  const isLower = better === 'lower';
  const ratio = isLower ? before.median / after.median : after.median / before.median;
  const [fewer, more] = before.median < after.median ? [before, after] : [after, before];
  const isApart = fewer.high < more.low && Math.abs(ratio - 1) >= NEGLIGIBLE;
  const verdict = !isApart ? 'same' : ratio > 1 ? 'better' : 'worse';
  return { name, unit, before: before.median, after: after.median, ratio, verdict };
}

/**
 * Differences of the machines, which say that the reports are about them and not about a change.
 *
 * @param {Omit<Report, 'measurements'>} before
 * @param {Omit<Report, 'measurements'>} after
 * @returns {string[]}
 */
export function differencesOf(before, after) {
  const facts = ({ machine, versions, quick }) => ({
    cpu: machine.cpu,
    cores: machine.cores,
    system: machine.system,
    node: versions.node,
    quick,
  });
  const [old, now] = [facts(before), facts(after)];
  return Object.keys(old)
    .filter((key) => old[key] !== now[key])
    .map((key) => `${key} was ${old[key]} and is ${now[key]}`);
}
