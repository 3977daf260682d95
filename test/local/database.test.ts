import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import * as assert from 'uvu/assert';
import { Database, type Change } from '../../ts/local/database.js';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { temporaryFolder } from './support/endpoint.js';

const test = suite('Database', { timeout: 15_000 });

async function openDatabase(t: TestContext, directory: string): Promise<Database> {
  const database = await Database.open(directory);
  t.after(() => database.close());
  return database;
}

const put = (key: string, value: object = {}): Change => ({ type: 'put', key, value });

/** Everything that begins with `prefix`, as it would be after the process was killed now. */
async function survivors(t: TestContext, directory: string, prefix = ''): Promise<string[]> {
  const copy = temporaryFolder(t);
  cpSync(directory, copy, { recursive: true });
  const database = await Database.open(copy);
  const found: string[] = [];
  await database.read(prefix, (rest, value) => found.push(`${rest} ${JSON.stringify(value)}`));
  await database.close();
  return found;
}

/** The names of the files that writes are appended to, and how many there are in each. */
function logs(directory: string): number[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.log'));
  return names.map((name) => {
    const log = readFileSync(join(directory, name));
    let records = 0;
    // A record: a checksum of 4 bytes, a length of 2, the type 1 for one that is whole.
    for (let at = 0; at + 7 <= log.length; at += 7 + log.readUInt16LE(at + 4)) {
      assert.is(log[at + 6], 1);
      records += 1;
    }
    return records;
  });
}

test('reads what was written, in the order of the keys', async (t) => {
  const directory = temporaryFolder(t);
  const database = await openDatabase(t, directory);
  const changing = { a: 1 };
  const written = database.write([put('x!2', changing), put('x!10'), put('x"1'), put('w')], true);
  changing.a = 2;
  await written;
  await database.write([{ type: 'del', key: 'x!10' }, put('x!3')], false);
  assert.equal(await survivors(t, directory, 'x!'), ['2 {"a":1}', '3 {}']);
  assert.is((await survivors(t, directory)).length, 4);
});

test('reads more than it holds in memory', async (t) => {
  const database = await openDatabase(t, temporaryFolder(t));
  const filling = 'x'.repeat(500);
  const changes = Array.from({ length: 5000 }, (_, i) => put(`k${10_000 + i}`, { i, filling }));
  await database.write(changes, false);
  let next = 0;
  await database.read('k', (rest, value) => {
    assert.equal([rest, (value as { i: number }).i], [String(10_000 + next), next]);
    next += 1;
  });
  assert.is(next, 5000);
});

test('writes together what comes while the disk is busy', async (t) => {
  const directory = temporaryFolder(t);
  const database = await openDatabase(t, directory);
  await Promise.all(Array.from({ length: 200 }, (_, i) => database.write([put(`k${i}`)], true)));
  assert.equal(logs(directory), [2], 'one that came first, and all others');
  assert.is((await survivors(t, directory)).length, 200);
});

test('syncs what is durable, and what is written together with it', async (t) => {
  const database = await openDatabase(t, temporaryFolder(t));
  const level = ClassicLevel.prototype;
  const original = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(level), 'batch');
  const synced: unknown[] = [];
  t.after(() => Reflect.deleteProperty(level, 'batch'));
  level.batch = function (this: object, ...args: unknown[]) {
    synced.push((args[1] as { sync: boolean }).sync);
    return Reflect.apply(original?.value as () => never, this, args) as never;
  };
  await database.write([put('a')], false);
  await Promise.all([
    database.write([put('b')], true),
    database.write([put('c')], false),
    database.write([put('d')], true),
  ]);
  await database.write([put('e')], false);
  assert.equal(synced, [false, true, true, false]);
});

test('finishes what it was given before it closes', async (t) => {
  const directory = temporaryFolder(t);
  const database = await Database.open(directory);
  const written = [1, 2, 3].map((i) => database.write([put(`k${i}`)], false));
  await database.close();
  await Promise.all(written);
  assert.is((await survivors(t, directory)).length, 3);
});

test('loses nothing that is written after the disk was full', async (t) => {
  requireTool(t, 'prlimit');
  const directory = temporaryFolder(t);
  const database = await openDatabase(t, directory);
  await database.write([put('before')], true);
  const log = readdirSync(directory).find((name) => name.endsWith('.log')) ?? '';
  const { size } = statSync(join(directory, log));
  const limit = (bytes: string): void => {
    execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`]);
  };
  t.after(() => {
    limit('unlimited');
  });
  limit(String(size + 20));
  const failure = await database
    .write([put('during', { filling: 'x'.repeat(200) })], true)
    .catch((error: unknown) => error);
  limit('unlimited');
  assert.instance(failure, Error);
  await database.write([put('after', { filling: 'y'.repeat(200) })], true);
  await database.write([put('end')], true);
  const keys = (await survivors(t, directory)).map((line) => line.split(' ', 1)[0]);
  assert.equal(keys, ['after', 'before', 'end']);
});
