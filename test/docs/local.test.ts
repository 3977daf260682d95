import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { SERVICE_OPTIONS } from '../../ts/cli/local-service.js';
import { kebab } from '../../ts/cli/arguments.js';
import { parseFault } from '../../ts/local/faults/parse.js';
import { startLocalKinesisVideo } from '../../ts/local/index.js';
import { suite } from '../support/suite.js';
import { linesOf } from '../support/named-tests.js';

const test = suite('docs/local.md');

const DOCUMENT = 'docs/local.md';

test('every effect of a fault is explained, and no other', () => {
  const source = readFileSync('ts/local/faults/fault.ts', 'utf8');
  const known = Array.from(source.matchAll(/readonly effect: '([\w-]+)'/g), ([, name]) => name);
  const explained = linesOf(DOCUMENT).flatMap((line) => /^\| `([\w-]+)[`=[]/.exec(line)?.[1] ?? []);
  assert.equal([...new Set(explained)].sort(), [...known].sort());
});

test('the faults of the examples are valid', async () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  const found = text.matchAll(/--fault '?([^'\s)]+)'?|faults: \['([^']+)'\]/g);
  const faults = Array.from(found, ([, option, member]) => option ?? member ?? '').filter((fault) =>
    fault.includes(':'),
  );
  assert.ok(faults.length >= 4, faults.join(' '));
  await (await startLocalKinesisVideo({ faults: faults.map(parseFault) })).close();
});

test('every option of the command for these things is named', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  for (const name of Object.keys(SERVICE_OPTIONS).map(kebab)) {
    // The seed is explained where its option in programs is.
    const expected = name === 'fault-seed' ? '`faultSeed`' : `--${name}`;
    assert.ok(text.includes(expected), expected);
  }
});
