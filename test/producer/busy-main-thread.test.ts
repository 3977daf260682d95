import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { suite, type TestContext } from '../support/suite.js';
import { startFake, type FakeUpload } from './support/fake-service.js';

const test = suite('producer busy main thread', { timeout: 60_000 });
const PROGRAM = fileURLToPath(new URL('./support/busy-program.ts', import.meta.url));
const BLOCK = 5000;
/** The pace of the link: bytes that the service takes in each interval (ms). */
const PACE = { bytes: 160_000, interval: 20 };

/** When bytes have come, by `Date.now()`. */
type Arrivals = number[];

/** Takes an upload at the pace of a link, and confirms what has come. */
function takeSlowly(upload: FakeUpload, arrivals: Arrivals): void {
  const { request } = upload;
  const scanner: FakeUpload['timecodes'] = upload.timecodes;
  let acked = 0;
  upload.accept();
  upload.read();
  request.pause();
  let left = 0;
  request.on('data', (chunk: Buffer) => {
    arrivals.push(Date.now());
    left -= chunk.length;
    if (left <= 0) request.pause();
    for (; acked < scanner.length - 1; acked += 1) upload.ack('PERSISTED', scanner[acked] ?? 0);
  });
  const timer = setInterval(() => {
    left = Math.min(left + PACE.bytes, PACE.bytes);
    request.resume();
  }, PACE.interval);
  request.on('close', () => {
    clearInterval(timer);
  });
  request.on('end', () => {
    for (; acked < scanner.length; acked += 1) upload.ack('PERSISTED', scanner[acked] ?? 0);
    upload.response.end();
  });
}

/** What came of a program that blocked its thread. */
interface Blocked {
  readonly arrivals: Arrivals;
  /** When it blocked, and when no longer. */
  readonly from: number;
  readonly to: number;
  /** When its connection was cut, and when the next one came. */
  readonly lostAt: number;
  readonly nextAt: number;
  /** What it said last. */
  readonly end: string;
}

/** Runs the program, and cuts its connection in the second half of the block. */
async function runBlocked(t: TestContext, transport: string): Promise<Blocked> {
  const arrivals: Arrivals = [];
  const fake = await startFake(t, (upload) => {
    takeSlowly(upload, arrivals);
  });
  const args = ['--import', 'tsx', PROGRAM, fake.endpoint, transport, String(BLOCK)];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  t.after(() => child.kill('SIGKILL'));
  const lines: string[][] = [];
  const moments = { lostAt: 0, nextAt: 0 };
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line.split(' '));
    if (line.startsWith('blocking')) setTimeout(cut, 0.7 * BLOCK);
  });
  const cut = (): void => {
    moments.lostAt = Date.now();
    fake.uploads[0]?.reset();
    void fake.upload(1).then(() => (moments.nextAt = Date.now()));
  };
  const [status] = (await once(child, 'close')) as [number];
  assert.is(status, 0);
  const [blocking, unblocked, stopped] = lines;
  const [from, to] = [Number(blocking?.[1]), Number(unblocked?.[1])];
  return { arrivals, from, to, ...moments, end: stopped?.join(' ') ?? '' };
}

/** The longest time without a byte between two moments. */
function longestGap(arrivals: Arrivals, from: number, to: number): number {
  const times = [from, ...arrivals.filter((time) => time > from && time < to), to];
  return Math.max(...times.map((time, index) => time - (times[index - 1] ?? time)));
}

test('a thread that is blocked for five seconds delays nothing on the wire', async (t) => {
  const { arrivals, from, lostAt, nextAt, to, end } = await runBlocked(t, 'worker');
  const gap = longestGap(arrivals, from, lostAt);
  // The machine may be busy; with its connections in that thread it is above 3000.
  assert.ok(gap < 1000, `nothing came for ${gap} ms`);
  assert.ok(nextAt - lostAt < 1000, `a lost connection was made anew in ${nextAt - lostAt} ms`);
  assert.ok(nextAt < to);
  assert.is(end, 'stopped true 480');
});

test('with its connections in that thread nothing comes meanwhile', async (t) => {
  const { arrivals, from, nextAt, to, end } = await runBlocked(t, 'main');
  const gap = longestGap(arrivals, from, to);
  // What the system had buffered on the way still came.
  assert.ok(gap > 3000, `the longest gap was ${gap} ms`);
  assert.ok(nextAt >= to, 'a lost connection is made anew afterwards');
  assert.is(end, 'stopped true 480');
});
