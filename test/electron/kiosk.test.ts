/**
 * The kiosk with a real Chromium and its fake camera: pictures are encoded, put, stored and read back.
 * Only what Electron itself does in between is a stand-in.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { closeChromium, openPage } from './support/chromium.js';
import { serveExample, startKiosk, STREAM, VIDEO, type Kiosk } from './support/kiosk.js';

const test = suite('electron kiosk', { timeout: 90_000 });

const KVS = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const run = promisify(execFile);

interface ChunkMessage {
  readonly type: 'chunk';
  readonly kind: 'video' | 'audio';
  readonly chunk: { type: string; timestamp: number; data: Uint8Array };
  readonly description?: Uint8Array;
}

function chunksOf({ sent }: Kiosk, kind: 'video' | 'audio' = 'video'): ChunkMessage[] {
  const chunks = sent.filter(({ type }) => type === 'chunk') as unknown as ChunkMessage[];
  return chunks.filter((message) => message.kind === kind);
}

/** Waits until the screen says something. */
async function untilHeadline({ page }: Kiosk, headline: string): Promise<void> {
  const heading = page.getByRole('heading', { name: headline, exact: true });
  await heading.waitFor({ timeout: 60_000 });
}

async function until(t: TestContext, holds: () => boolean): Promise<void> {
  while (!holds()) {
    t.signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits for so many more chunks, and returns them. */
async function moreChunks(t: TestContext, kiosk: Kiosk, count: number): Promise<ChunkMessage[]> {
  const before = chunksOf(kiosk).length;
  await until(t, () => chunksOf(kiosk).length >= before + count);
  return chunksOf(kiosk).slice(before);
}

/** Stops the kiosk and decodes what the service has, which ffmpeg must have nothing to say about. */
async function decodeStored(
  t: TestContext,
  kiosk: Kiosk,
  ...options: string[]
): Promise<{ pictures: number; tracks: string[]; file: string }> {
  await kiosk.quit();
  const folder = mkdtempSync(join(tmpdir(), 'kvs-kiosk-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, 'stored.mkv');
  const { endpoint } = kiosk.local;
  const from = ['--stream', STREAM, '--endpoint', endpoint];
  await run(process.execPath, [KVS, 'get', ...from, '-o', file, ...options]);
  const count = ['-count_frames', '-show_entries', 'stream=codec_name,nb_read_frames'];
  const probe = await run('ffprobe', ['-v', 'error', '-of', 'json', ...count, file]);
  // That is how ffmpeg takes a document after the first one, of which a raw copy has one a fragment.
  assert.is(probe.stderr.replaceAll(/.*Found unknown-length element.*\n/g, ''), '');
  const { streams } = JSON.parse(probe.stdout) as {
    streams: { codec_name: string; nb_read_frames: string }[];
  };
  return {
    pictures: Number(streams[0]?.nb_read_frames),
    tracks: streams.map(({ codec_name }) => codec_name),
    file,
  };
}

/** What a person sees while all is well, at the latest when the first fragment is stored. */
async function checkScreen({ page }: Kiosk): Promise<void> {
  for (const [id, hasText] of [
    ['#stored', /\d+ s ago/],
    ['#latency', /^\d.* m?s$/],
    ['#rate', /bit\/s$/],
    ['#camera', /^fake_device_0$/],
    // For screen readers.
    ['[role=status][aria-live=polite]', /^Live\. /],
  ] as const) {
    await page.locator(id, { hasText }).waitFor({ state: 'attached', timeout: 60_000 });
  }
  const path = process.env['KIOSK_SCREENSHOT'];
  if (path !== undefined) await page.screenshot({ path });
}

/** Whether chunks are what an encoder for a stream has to give. */
function checkChunks(chunks: readonly ChunkMessage['chunk'][], started: number): void {
  const [first] = chunks;
  if (first === undefined) throw new Error('there are no chunks');
  assert.is(first.type, 'key');
  assert.equal(
    [...first.data.subarray(0, 5)],
    [0, 0, 0, 1, 0x67],
    'a key frame begins with an SPS',
  );
  assert.ok(Math.abs(first.timestamp / 1000 - started) < 60_000, 'microseconds since the epoch');
  chunks.slice(1).forEach((chunk, index) => {
    assert.ok(chunk.timestamp > (chunks[index]?.timestamp ?? 0), 'timestamps grow');
  });
  const [one = 0, two = Infinity] = chunks
    .filter(({ type }) => type === 'key')
    .map(({ timestamp }) => timestamp / 1e6);
  assert.ok(two - one >= 0.99 && two - one < 20, `a key frame each second, not ${two - one} s`);
}

test('what the camera sees is stored and shown, also when the page is loaded anew', async (t) => {
  requireTool(t, 'ffprobe');
  const kiosk = await startKiosk(t);
  const started = Date.now();
  await untilHeadline(kiosk, 'Live');
  await until(t, () => chunksOf(kiosk).filter(({ chunk }) => chunk.type === 'key').length >= 2);
  await checkScreen(kiosk);
  const chunks = chunksOf(kiosk).map(({ chunk }) => chunk);
  checkChunks(chunks, started);

  const { ports } = kiosk.window.webContents;
  await kiosk.page.reload();
  await until(t, () => ports.length === 2);
  const [first] = await moreChunks(t, kiosk, 5);
  assert.is(first?.chunk.type, 'key');
  await untilHeadline(kiosk, 'Live');
  const counts = kiosk.statuses.flatMap(({ framesPut }) => (framesPut as number | undefined) ?? []);
  const sorted = [...counts].sort((a, b) => a - b);
  assert.equal(counts, sorted, 'one stream counts the frames of both pages');

  const sent = chunksOf(kiosk).length;
  const latest = (): { framesPut: number; droppedFrames: number } =>
    kiosk.statuses.at(-1) as { framesPut: number; droppedFrames: number };
  await until(t, () => latest().framesPut >= sent);
  const { pictures, tracks } = await decodeStored(t, kiosk);
  assert.equal(tracks, ['h264']);
  const known = pictures + latest().droppedFrames;
  assert.ok(known >= sent, `${pictures} of ${sent} pictures were stored`);
  assert.equal(kiosk.problems, []);
});

test('a camera that is unplugged and an encoder that fails are shown, and replaced', async (t) => {
  const kiosk = await startKiosk(t);
  const { page } = kiosk;
  await untilHeadline(kiosk, 'Live');
  await page.evaluate("media.refuse = 'NotFoundError'; media.tracks.at(-1).stop()");
  await untilHeadline(kiosk, 'No camera');
  assert.match(await page.locator('#explanation').innerText(), /unplugged|none is connected/);
  assert.is(await page.locator('body').getAttribute('data-mood'), 'wrong');
  const back = moreChunks(t, kiosk, 3);
  await page.evaluate(
    "media.refuse = ''; navigator.mediaDevices.dispatchEvent(new Event('devicechange'))",
  );
  await back;
  await untilHeadline(kiosk, 'Live');
  assert.equal(kiosk.problems, []);

  const before = chunksOf(kiosk).length;
  await page.evaluate(`{
    const { instance, init } = encoders.at(-1);
    instance.close();
    init.error(new DOMException('broken by the test', 'EncodingError'));
  }`);
  // The one that has failed would not have given more than one.
  const keys = (): number =>
    chunksOf(kiosk)
      .slice(before)
      .filter(({ chunk }) => chunk.type === 'key').length;
  await until(t, () => keys() >= 2);
  assert.match(kiosk.problems.join(), /The video encoder has failed: broken by the test/);
});

test('pictures that the encoder has no time for are left out', async (t) => {
  const url = await serveExample(t);
  const { page } = await openPage(t, url, () => undefined);
  const seen = await page.evaluate(`(async () => {
    const { VideoSender } = await import('./video-sender.js');
    const sent = [];
    const link = { isOpen: true, send: (kind, { type }) => sent.push(type) };
    const settings = { frameRate: 30, bitrate: 1e6, keyFrameInterval: 1, format: 'annexb' };
    const sender = new VideoSender(settings, () => link);
    const canvas = new OffscreenCanvas(1280, 720);
    canvas.getContext('2d');
    const take = () => {
      const frame = new VideoFrame(canvas, { timestamp: performance.now() * 1000 });
      sender.take(frame);
      return frame.format === null;
    };
    while (sent.length === 0) {
      take();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const areClosed = Array.from({ length: 30 }, take);
    return { ...sender.counts, areClosed: areClosed.every(Boolean), first: sent[0] };
  })()`);
  const { skipped, failures, areClosed, first } = seen as Record<string, unknown>;
  assert.ok((skipped as number) > 10, `${String(skipped)} of 30 pictures`);
  assert.equal([failures, areClosed, first], [0, true, 'key']);
});

test('an upload that dies is started again, and the page joins it', async (t) => {
  const kiosk = await startKiosk(t);
  await untilHeadline(kiosk, 'Live');
  const { ports } = kiosk.window.webContents;
  kiosk.fake.children[0]?.kill();
  await until(t, () => ports.length === 2);
  const before = kiosk.statuses.length;
  await until(t, () =>
    kiosk.statuses.slice(before).some(({ storedFragments }) => (storedFragments as number) >= 2),
  );
  await untilHeadline(kiosk, 'Live');
});

test('pictures with lengths and sound go as well, from the main process', async (t) => {
  requireTool(t, 'ffprobe');
  const video = { ...VIDEO, format: 'avc' };
  const kiosk = await startKiosk(t, { microphone: true, video, uploadIn: 'main' });
  await untilHeadline(kiosk, 'Live');
  const [first] = chunksOf(kiosk);
  assert.is(first?.description?.[0], 1, 'an avcC comes with a key frame');
  assert.ok(chunksOf(kiosk, 'audio').length > 10);
  // On a machine that is busy a track may be late, or left out for a while: no one file holds both.
  const { pictures, tracks, file } = await decodeStored(t, kiosk, '--raw');
  assert.is(tracks[0], 'h264');
  assert.ok(pictures > 0, `${pictures} pictures`);
  assert.ok(readFileSync(file).includes('A_OPUS'), 'sound was stored');
});

test('the browser ends', closeChromium);
