import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('types', { timeout: 120_000 });
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** What a browser, or a page of Electron, calls. */
const WEBCODECS = `
import type { KinesisVideoStream } from '../ts/index.js';
declare const stream: KinesisVideoStream;
const error = (): void => undefined;
new VideoEncoder({
  output: (chunk, metadata) => stream.putChunk(chunk, { metadata }),
  error,
});
new AudioEncoder({
  output: (chunk, metadata) => stream.putChunk(chunk, { metadata, trackId: 2 }),
  error,
});
const init: EncodedVideoChunkInit = { type: 'key', timestamp: 0, data: new Uint8Array(3) };
stream.putChunk(init);
`;

/** What the compiler has to say about a program. */
function compile(file: string, lib: string): string {
  const args = ['--noEmit', '--target', 'es2022', '--module', 'nodenext', '--strict'];
  const more = ['--exactOptionalPropertyTypes', '--skipLibCheck', '--types', 'node'];
  const libs = ['--lib', `es2023,esnext.disposable${lib}`, '--ignoreConfig'];
  const { status, stdout } = spawnSync(process.execPath, [TSC, ...args, ...more, ...libs, file], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout : `${stdout}exit status ${status}`;
}

test('a user of the public API gets its types, and an error for each mistake', () => {
  assert.is(compile('test/types/usage.ts', ''), '');
});

test('what the encoders of WebCodecs give is what putChunk takes', (t) => {
  // A program of its own: with the types of browsers, this one would have twice what Node.js has, too.
  mkdirSync('build', { recursive: true });
  const file = join('build', `webcodecs-${process.pid}.ts`);
  writeFileSync(file, WEBCODECS);
  t.after(() => {
    rmSync(file);
  });
  assert.is(compile(file, ',dom'), '');
});

test('the declarations that are published name nothing internal', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-types-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const args = ['-p', 'tsconfig.build.json', '--outDir', folder, '--emitDeclarationOnly'];
  const incremental = ['--incremental', 'false', '--tsBuildInfoFile', 'null'];
  const { stdout } = spawnSync(process.execPath, [TSC, ...args, ...incremental], {
    encoding: 'utf8',
  });
  assert.is(stdout, '');
  const stream = readFileSync(join(folder, 'producer', 'stream.d.ts'), 'utf8');
  assert.match(stream, /private constructor\(\)/);
  assert.not.match(stream, /kConstruct\]/);
});
