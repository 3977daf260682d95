/** The examples that read streams back, each as its users run it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { BARE_ENV } from '../cli/kvs.js';
import { probePackets } from '../cli/media.js';
import { startLocalKinesisVideo } from '../../ts/local/index.js';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';

const test = suite('examples/consumer', { timeout: 60_000 });

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'kvs-examples-'));
  t.after(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

/** Runs an example to its end and returns what it prints. */
async function run(t: TestContext, name: string, args: readonly string[]): Promise<string[]> {
  const file = fileURLToPath(new URL(`../../examples/consumer/${name}.mjs`, import.meta.url));
  if (!existsSync('dist/consumer/index.js')) throw new Error('Not built: run npm run build');
  const child = spawn(process.execPath, ['--no-warnings', file, ...args], {
    env: BARE_ENV,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.signal.addEventListener('abort', () => child.kill('SIGKILL'));
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  assert.is(status, 0, errors);
  assert.is(errors, '');
  return output.trimEnd().split('\n');
}

test('put-and-get receives every frame that it sends', async (t) => {
  const lines = await run(t, 'put-and-get', ['--local']);
  assert.is(lines.at(-1), '217 frames sent, 217 received');
  assert.match(lines[0] ?? '', /^fragment \d+: \d+ frames, \d+ ms$/);
});

test('recreate-stream makes another stream of the same name', async (t) => {
  const [deleted = '', created = '', sent] = await run(t, 'recreate-stream', ['--local']);
  const arn = /arn:aws:kinesisvideo:\S+:stream\/demo\/\d+$/;
  assert.match(deleted, arn);
  assert.match(created, arn);
  assert.is.not(arn.exec(deleted)?.[0], arn.exec(created)?.[0]);
  assert.is(sent, 'a clip was sent to it');
});

test('merge-to-file makes a file that plays through', async (t) => {
  requireTool(t, 'ffprobe');
  const file = join(folder(t), 'merged.mkv');
  const lines = await run(t, 'merge-to-file', ['--local', '--output', file]);
  assert.match(lines[0] ?? '', /merged\.mkv: 3 fragments, \d+ bytes$/);
  assert.is(probePackets(file, 'video').length, 75);
});

test('render-frames decodes the pictures, and saves them when asked to', async (t) => {
  requireTool(t, 'ffmpeg');
  const images = join(folder(t), 'images');
  const saved = await run(t, 'render-frames', ['--local', '--output', images]);
  assert.is(saved.at(-1), '3 fragments, 3 pictures');
  assert.is(readdirSync(images).length, 3);
});

test('consume-metadata prints tags and times, also of an endpoint that runs already', async (t) => {
  const lines = await run(t, 'consume-metadata', ['--local']);
  const plain = lines.map((line) => line.replace(/\d{13,}|\d{4}-\S+Z/, '…'));
  assert.equal(plain.slice(0, 6), [
    'fragment …',
    '  made      …',
    '  received  …',
    '  track     1: video, V_MPEG4/ISO/AVC',
    '  track     2: audio, A_AAC',
    '  tag       room = kitchen',
  ]);
  assert.is(plain.filter((line) => line === 'fragment …').length, 3);
  const local = await startLocalKinesisVideo({ getMediaTimeout: 300 });
  t.after(() => local.close());
  const place = ['--endpoint', local.endpoint, '--stream', 'front-door'];
  await run(t, 'recreate-stream', place);
  const again = await run(t, 'consume-metadata', place);
  assert.is(again.filter((line) => line.startsWith('fragment')).length, 3);
});
