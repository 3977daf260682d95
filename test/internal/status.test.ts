import { readFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { Status, StatusAlias, statusName, type StatusName } from '../../ts/internal/status.js';
import { suite } from '../support/suite.js';

interface ServiceStatus {
  code: string;
  name: string;
  aliases?: string[];
}

const test = suite('status');
const root = new URL('../../', import.meta.url);

/** The statuses as the service publishes them. */
async function serviceStatuses(): Promise<ServiceStatus[]> {
  const text = await readFile(new URL('test/fixtures/status-codes.json', root), 'utf8');
  return JSON.parse(text) as ServiceStatus[];
}

/** Calls of X in one macro of the native table, as lists of their arguments. */
async function nativeRows(pattern: RegExp): Promise<string[][]> {
  const text = await readFile(new URL('native/include/kvs/status_table.h', root), 'utf8');
  return Array.from(text.matchAll(pattern), (match) => match.slice(1));
}

const expectedAliases = (statuses: ServiceStatus[]): string[][] =>
  statuses.flatMap(({ name, aliases = [] }) => aliases.map((alias) => [alias, name]));

test('the JavaScript list has every status of the service, in order of code', async () => {
  const expected = (await serviceStatuses()).map(({ name, code }) => [name, Number(code)]);
  assert.is(expected.length, 315);
  assert.equal(Object.entries(Status), expected);
});

test('the native table has the same names and codes', async () => {
  const rows = await nativeRows(/^ {4}X\((\w+), (0x[0-9a-f]{8})u, "[^"]+"\)/gm);
  const expected = (await serviceStatuses()).map(({ name, code }) => [name, code]);
  assert.equal(
    rows.map(([name, code]) => [`STATUS_${name}`, code]),
    expected,
  );
});

test('both lists have the same aliases', async () => {
  const rows = await nativeRows(/^ {4}X\((\w+), ([A-Z]\w+)\)/gm);
  const expected = expectedAliases(await serviceStatuses());
  assert.equal(
    rows.map((row) => row.map((name) => `STATUS_${name}`)),
    expected,
  );
  assert.equal(Object.entries(StatusAlias), expected);
});

test('no alias is the name of another status', () => {
  for (const alias of Object.keys(StatusAlias)) {
    assert.not.ok(alias in Status, alias);
  }
});

test('a code gives its name back, and a stranger gives nothing', () => {
  for (const name of Object.keys(Status) as StatusName[]) {
    assert.is(statusName(Status[name]), name);
  }
  for (const stranger of [0, 0x20, 0x5200001a, -1, Number.NaN]) {
    assert.is(statusName(stranger), undefined);
  }
});
