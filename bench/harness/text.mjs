/** How figures and tables look. */

/** Three significant digits, and no exponent. */
export function figure(value) {
  const size = Math.abs(value);
  if (size >= 1e6) return `${round(value / 1e6)} M`;
  if (size >= 1e4) return `${round(value / 1e3)} k`;
  return round(value);
}

/** What a figure is given in that would have five digits. */
const LARGER = { ns: 'µs', µs: 'ms', 'MB/s': 'GB/s' };

function scaleOf(value, unit) {
  const isLarge = Math.abs(value) >= 1e4 && unit in LARGER;
  if (!isLarge) return { divisor: 1, unit };
  const scale = scaleOf(value / 1000, LARGER[unit]);
  return { ...scale, divisor: 1000 * scale.divisor };
}

/** A figure with its unit. */
export function quantity(value, unit) {
  const scale = scaleOf(value, unit);
  return `${figure(value / scale.divisor)} ${scale.unit}`;
}

/** The lowest and the highest round, in the unit that the median is given in. */
export function spread({ low, high, median, unit }) {
  const { divisor } = scaleOf(median, unit);
  return `${figure(low / divisor)} to ${figure(high / divisor)}`;
}

function round(value) {
  const size = Math.abs(value);
  const digits = size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toFixed(digits);
}

/** A table of Markdown, whose columns are as wide as they have to be. */
export function table(head, rows) {
  const lines = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...lines.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(lines[0]), rule, ...lines.slice(1).map(line)].join('\n');
}
