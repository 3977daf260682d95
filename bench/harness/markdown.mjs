/** Reports as people read them. */
import { compare, differencesOf } from './compare.mjs';
import { figure, quantity, spread, table } from './text.mjs';

/** The report of one run. */
export function reportMarkdown(report) {
  return [
    `# Benchmark of kinesis-video-producer${report.quick ? ', quick and therefore rough' : ''}`,
    facts(report),
    ...bar(report),
    '## Measurements',
    measurements(report),
    ...missing('Not measured', report.skipped),
    ...missing('Failed', report.failed),
    '',
  ].join('\n\n');
}

function facts({ commit, modified, started, seconds, machine, versions }) {
  const about = (object) =>
    Object.entries(object)
      .filter(([, value]) => value !== undefined && typeof value !== 'object')
      .map(([key, value]) => `${key} ${value}`)
      .join(', ');
  const state = modified ? ', with changes since' : '';
  return [
    `- commit ${commit ?? 'unknown'}${state}; ${started}, ${seconds} s`,
    `- ${about(machine)}`,
    `- afterwards: ${about(machine.after)}`,
    `- ${about(versions)}`,
  ].join('\n');
}

function bar({ bar: rows }) {
  if (rows.length === 0) return [];
  const cells = rows.map(({ what, value, unit, peer, times, need, met }) => [
    what,
    quantity(value, unit),
    peer === undefined
      ? ''
      : `${peer.name}: ${quantity(peer.value, unit)}${peer.measured ? '' : ' *'}`,
    times === undefined ? '' : `× ${figure(times)}`,
    limitText(need, unit),
    verdict(need, met),
  ]);
  const isPublished = rows.some(({ peer }) => peer?.measured === false);
  return [
    '## Against what else there is',
    table(['what', 'this producer', 'against', 'times as good', 'the bar', 'is'], cells),
    (isPublished ? '\\* as published for such a machine, and not measured in this run. ' : '') +
      'Limits in absolute figures are for two shared cores of a server with AMD EPYC: on other ' +
      'machines read the ratios to what was measured.',
  ];
}

function verdict(need, met) {
  if (need === undefined) return '';
  if (met === undefined) return 'not judged';
  return met ? 'met' : 'MISSED';
}

function limitText(need, unit) {
  if (need === undefined) return '';
  if (need.times !== undefined) return `≥ × ${figure(need.times)}`;
  const { atLeast, atMost } = need;
  return atLeast === undefined ? `≤ ${quantity(atMost, unit)}` : `≥ ${quantity(atLeast, unit)}`;
}

function measurements(report) {
  const rows = report.measurements.map((measurement) => {
    const { trial, what, driver, median, unit, rounds } = measurement;
    const figures = [quantity(median, unit), spread(measurement), String(rounds.length)];
    return [trial, what, driver, ...figures];
  });
  return table(['trial', 'what', 'driver', 'median', 'spread', 'rounds'], rows);
}

function missing(title, items) {
  if (items.length === 0) return [];
  const lines = items.map(({ trial, reason, ...item }) => {
    return `- ${[trial, ...Object.values(item)].join(' ')}: ${reason}`;
  });
  return [`## ${title}`, lines.join('\n')];
}

const VERDICTS = { same: 'within the spread', better: 'better', worse: 'WORSE' };

/** What has changed between two reports. */
export function comparisonMarkdown(before, after) {
  const { changes, onlyBefore, onlyAfter } = compare(before, after);
  const differences = differencesOf(before, after);
  const isQuick = before.quick || after.quick;
  const rows = changes.map(({ name, unit, before: old, after: now, ratio, verdict }) => [
    name,
    quantity(old, unit),
    quantity(now, unit),
    `× ${ratio.toFixed(2)}`,
    isQuick ? 'not judged' : VERDICTS[verdict],
  ]);
  return [
    `## Compared with ${before.commit ?? 'an earlier report'} of ${before.started}`,
    ...(differences.length > 0 ? [`Not the same conditions: ${differences.join('; ')}.`] : []),
    table(['measurement', 'before', 'after', 'times as good', 'verdict'], rows),
    ...(onlyBefore.length > 0 ? [`Only in the earlier report: ${onlyBefore.join(', ')}.`] : []),
    ...(onlyAfter.length > 0 ? [`Not in the earlier report: ${onlyAfter.join(', ')}.`] : []),
    '',
  ].join('\n\n');
}
