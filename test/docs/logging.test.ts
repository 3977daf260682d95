import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { CHANNELS, LOG_THRESHOLDS } from '../../ts/logging/index.js';
import { LEVEL_NUMBERS } from '../../ts/logging/levels.js';
import { CLIENT_METRICS, STREAM_METRICS } from '../../ts/producer/metric-table.js';
import { linesOf } from '../support/named-tests.js';
import { suite } from '../support/suite.js';

const test = suite('docs/logging.md');

/** The cells of all rows whose first one is code, without its marks. */
const rows = linesOf('docs/logging.md').flatMap((line) => {
  const cells = line.split('|').slice(1, -1);
  const [first = '', ...others] = cells.map((cell) => cell.trim());
  return /^`.*`$/.test(first)
    ? [[first, ...others].map((cell) => cell.replace(/^`([^`]*)`$/, '$1'))]
    : [];
});

const rowsOf = (names: readonly string[]): string[][] =>
  rows.filter(([name = '']) => names.includes(name));

test('the levels are those of the code, with their numbers', () => {
  assert.equal(
    rowsOf(LOG_THRESHOLDS).map(([name, number, variable]) => [name, number, variable]),
    LOG_THRESHOLDS.map((name, index) => {
      const number = LEVEL_NUMBERS[name];
      return [name, number === Infinity ? 'none' : String(number), String(index + 1)];
    }),
  );
});

/** The fields of a channel's message as its type has them, an optional one with `?`. */
function fieldsOf(channel: string): string[] {
  const source = readFileSync(new URL('../../ts/logging/channels.ts', import.meta.url), 'utf8');
  const [, body = ''] = new RegExp(`  readonly ${channel}: \\{([^}]*)\\};`).exec(source) ?? [];
  return Array.from(body.matchAll(/readonly (\w+\??):/g), ([, field = '']) => field);
}

test('the channels are those of the code, with their fields', () => {
  assert.equal(
    rows
      .filter(([name = '']) => name.startsWith('kinesis-video-producer.'))
      .map(([name, , fields = '']) => [name, fields.replaceAll('`', '').split(', ')]),
    Object.entries(CHANNELS).map(([short, name]) => [name, fieldsOf(short)]),
  );
});

test('the metrics are those of the code, with their kinds, units and attributes', () => {
  assert.equal(
    rows.filter(([name = '']) => name.startsWith('kvs.producer.')),
    [...STREAM_METRICS, ...CLIENT_METRICS].map(
      ({ name, kind, unit, attribute = '', description }) => [
        name,
        kind,
        unit,
        attribute,
        description,
      ],
    ),
  );
});
