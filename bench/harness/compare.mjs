/** Two reports of the same benchmark, before and after a change. */

/** The version of the form of reports; a report of another one cannot be compared. */
export const SCHEMA = 1;

/** Ranges of exact counts have no width: less than this is not worth a word. */
const NEGLIGIBLE = 0.01;

/** @throws Error that says why the file is no report */
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
 * @returns {{ changes: object[], onlyBefore: string[], onlyAfter: string[] }} of a change, `ratio` is
 *   how many times better the median has become: below 1 is worse
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

/** Differences of the machines, which say that the reports are about them and not about a change. */
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
