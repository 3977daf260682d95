import { build } from 'esbuild';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('The parser in browsers', { timeout: 30_000 });

test('nothing of it needs Node.js', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: ['ts/parser/index.ts'],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    logLevel: 'silent',
  });
  const foreign = Object.keys(metafile.inputs).filter((path) => !path.startsWith('ts/parser/'));
  assert.equal(foreign, []);
  const [program] = outputFiles;
  assert.ok(program);
  assert.not.match(program.text, /\b(Buffer|process|require)\b[.(]/);
  assert.ok(program.text.length > 10_000);
});
