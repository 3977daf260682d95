/** How reading media ends: by its end, an error, a signal, or close. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  createReadStream,
  createWriteStream,
  readdirSync,
  readFileSync,
  readlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { openMedia } from '../../ts/ingest/index.js';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { collect, collectUntilError, failureOf, fixture, scratch } from './support.js';

const test = suite('lifecycle of media', { timeout: 20_000 });

test('a stream that breaks is an error with the number of bytes before', async () => {
  async function* broken() {
    yield readFileSync(fixture('h264-baseline.h264')).subarray(0, 10_000);
    throw new Error('the cable came off');
  }
  const input = await openMedia(Readable.from(broken(), { objectMode: false }));
  const { packets, error } = await collectUntilError(input);
  assert.ok(packets.length > 10);
  assert.is(error.code, 'STATUS_READ_FILE_FAILED');
  assert.match(error.message, /failed after 10000 bytes \(the cable came off\)/);
});

test('an aborted signal is the reason that opening rejects with', async () => {
  const reason = new Error('not today');
  const signal = AbortSignal.abort(reason);
  try {
    await openMedia(fixture('clip.mp4'), { signal });
    assert.unreachable();
  } catch (error) {
    assert.is(error, reason);
  }
});

test('a signal ends opening while the source gives nothing, and destroys the source', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const stream = new PassThrough();
  const opening = openMedia(stream, { signal: controller.signal });
  controller.abort(reason);
  try {
    await opening;
    assert.unreachable();
  } catch (error) {
    assert.is(error, reason);
  }
  assert.is(stream.destroyed, true);
});

for (const name of ['clip.mp4', 'h264-aac.mkv', 'h264-baseline.h264']) {
  test(`a signal ends reading ${name} in the middle`, async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const input = await openMedia(fixture(name), { signal: controller.signal });
    let count = 0;
    try {
      for await (const packet of input.packets()) {
        count += packet.data.length > 0 ? 1 : 0;
        if (count === 10) controller.abort(reason);
      }
      assert.unreachable();
    } catch (error) {
      assert.is(error, reason);
    }
    assert.is(count, 10);
  });

  test(`closing ${name} ends its packets, and closing again does nothing`, async () => {
    const input = await openMedia(fixture(name));
    let count = 0;
    for await (const packet of input.packets()) {
      count += packet.data.length > 0 ? 1 : 0;
      if (count === 5) await input.close();
    }
    assert.is(count, 5);
    await input.close();
    await input[Symbol.asyncDispose]();
  });
}

test('closing while a live stream gives nothing ends its packets', async () => {
  const stream = new PassThrough();
  stream.write(readFileSync(fixture('h264-baseline.h264')));
  const input = await openMedia(stream);
  const packets = input.packets()[Symbol.asyncIterator]();
  for (let index = 0; index < 74; index += 1) await packets.next();
  const last = packets.next();
  await input.close();
  assert.is((await last).done, true);
  assert.is(stream.destroyed, true);
});

test('packets can be read once', async () => {
  const input = await openMedia(fixture('h264-baseline.mp4'));
  await collect(input);
  assert.throws(() => input.packets(), /can be read once; open it again/);
});

test('after close there are no packets', async () => {
  const input = await openMedia(fixture('clip.mp4'));
  await input.close();
  assert.equal(await collect(input), []);
});

test('reading to the end closes the file', async (t) => {
  if (process.platform !== 'linux') t.skip('open files are listed in /proc on Linux');
  const openFiles = () =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).includes('/fixtures/');
      } catch {
        return false;
      }
    }).length;
  for (const name of ['clip.mp4', 'h264-aac.mkv', 'h264-baseline.h264', 'truncated.mp4']) {
    const input = await openMedia(fixture(name));
    assert.is(openFiles(), 1);
    await collect(input).catch(() => undefined);
    assert.is(openFiles(), 0, name);
  }
  await failureOf(() => openMedia(fixture('make-media.sh')));
  await failureOf(() => openMedia(fixture('aac.m4a'), { tracks: 'video' }));
  assert.is(openFiles(), 0);
});

test('a named pipe is read as a stream', async (t) => {
  requireTool(t, 'mkfifo');
  const path = join(scratch(t), 'pipe.h264');
  execFileSync('mkfifo', [path]);
  const writer = spawn('cat', [fixture('h264-baseline.h264')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  writer.stdout.pipe(createWriteStream(path));
  assert.is((await collect(await openMedia(path))).length, 75);
});

test('the standard input is read for "-", and ends the process when it ends', async () => {
  const url = new URL('../../ts/ingest/index.ts', import.meta.url).href;
  const program = `
    import { openMedia } from ${JSON.stringify(url)};
    let count = 0;
    for await (const packet of (await openMedia('-')).packets()) count += 1;
    console.log(count);`;
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  createReadStream(fixture('h264-aac.mkv')).pipe(child.stdin);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  assert.is(output.trim(), '217');
});
