/** Those parts of the kiosk's page that need no browser. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { EXAMPLE } from './support/example.js';

const test = suite('electron kiosk, page');

interface Parts {
  EpochClock: new () => {
    restart(): void;
    observe(timestamp: number, now: number, passed: number): void;
    toEpoch(timestamp: number): number;
  };
  UploadLink: new (
    port: object,
    handlers: object,
  ) => {
    readonly isOpen: boolean;
    send(kind: string, chunk: object, timestamp: number): void;
    close(): void;
  };
  Pauses: new () => { next(now: number): number };
  AckLatency: new () => {
    readonly summary: unknown;
    put(isKeyFrame: boolean, presentationTs: number, now: number): void;
    persisted(timecode: number, now: number): void;
  };
  summarize: (known: object) => { mood: string; headline: string };
  duration: (milliseconds?: number) => string;
  bitrate: (bytesPerSecond?: number) => string;
}

async function load<K extends keyof Parts>(file: string, name: K): Promise<Parts[K]> {
  const module = (await import(pathToFileURL(join(EXAMPLE, file)).href)) as Pick<Parts, K>;
  return module[name];
}

test('the clock of a source is that of the first frame, and frames may be late', async () => {
  const EpochClock = await load('renderer/epoch-clock.js', 'EpochClock');
  const clock = new EpochClock();
  clock.observe(5_000_000, 1_700_000_000_000, 100);
  assert.is(clock.toEpoch(5_000_000), 1_700_000_000_000_000);
  clock.observe(5_040_000, 1_700_000_003_040, 3140);
  assert.is(clock.toEpoch(5_040_000), 1_700_000_000_040_000, 'three seconds late');
  clock.observe(9_000_000, 1_700_003_604_000, 4100);
  assert.is(clock.toEpoch(9_000_000), 1_700_003_604_000_000, 'the clock was set by an hour');
  clock.restart();
  clock.observe(7, 1_700_004_000_000, 400_100);
  assert.is(clock.toEpoch(7), 1_700_004_000_000_000, 'another device');
});

test('no more is sent than the upload takes, and nothing is transferred', async () => {
  const UploadLink = await load('renderer/upload-link.js', 'UploadLink');
  const posted: unknown[][] = [];
  const ignore = (): void => undefined;
  const port = {
    onmessage: ignore as (event: object) => void,
    postMessage: (...args: unknown[]) => posted.push(args),
    close: () => undefined,
  };
  const link = new UploadLink(port, { onSettings: ignore, onReady: ignore, onStatus: ignore });
  assert.is(link.isOpen, false, 'there is no stream yet');
  port.onmessage({ data: { type: 'ready' } });
  const copyTo = (bytes: Uint8Array): unknown => bytes.fill(7);
  const chunk = { type: 'delta', duration: null, byteLength: 3, copyTo };
  let sent = 0;
  for (; link.isOpen; sent += 1) link.send('video', chunk, sent);
  assert.is(sent, 300);
  port.onmessage({ data: { type: 'status', status: {}, taken: 1 } });
  assert.is(link.isOpen, true);
  const [first = []] = posted;
  assert.is(first.length, 1, 'a message and no list of what to transfer');
  assert.equal(first[0], {
    type: 'chunk',
    kind: 'video',
    chunk: { type: 'delta', timestamp: 0, duration: null, data: new Uint8Array([7, 7, 7]) },
    description: undefined,
  });
  link.close();
  assert.is(link.isOpen, false);
});

test('latency goes from the last frame of a fragment until it is stored', async () => {
  const AckLatency = await load('main/ack-latency.js', 'AckLatency');
  const latency = new AckLatency();
  latency.persisted(5, 10);
  assert.is(latency.summary, undefined);
  for (const [start, delay] of [
    [1000, 300],
    [2000, 100],
    [3000, 200],
  ] as const) {
    latency.put(true, start + 0.4, start);
    latency.put(false, start + 500, start + 500);
    latency.persisted(start, start + 500 + delay);
  }
  assert.equal(latency.summary, { last: 200, median: 200, worst: 300 });
});

test('pauses grow, and are short again after a good while', async () => {
  const Pauses = await load('main/pauses.js', 'Pauses');
  const pauses = new Pauses();
  const grown = Array.from({ length: 8 }, (_, index) => pauses.next(index));
  assert.equal(grown, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  assert.is(pauses.next(100_000), 500);
});

test('the screen tells what is wrong before it tells what is right', async () => {
  const summarize = await load('renderer/status-text.js', 'summarize');
  const camera = { isLive: true };
  const healthy = { at: 0, health: 'healthy', buffered: 0 };
  const of = (known: object): string => {
    const { mood, headline } = summarize({ camera, status: healthy, now: 0, ...known });
    return `${mood}: ${headline}`;
  };
  assert.is(of({}), 'live: Live');
  assert.is(of({ camera: undefined }), 'starting: Starting');
  assert.is(of({ camera: { isLive: false, problem: 'none is connected' } }), 'wrong: No camera');
  assert.is(of({ now: 5000 }), 'wrong: Upload does not answer');
  assert.is(of({ status: { ...healthy, health: 'failed' } }), 'wrong: Not streaming');
  assert.is(of({ status: { ...healthy, health: 'recovering' } }), 'busy: Connection lost');
  assert.is(of({ status: { ...healthy, health: 'connecting' } }), 'starting: Connecting');
  const refused = { at: 0, health: 'connecting', trouble: 'not authorized' };
  assert.is(of({ status: refused }), 'wrong: Not streaming');
  assert.is(of({ status: { ...healthy, buffered: 8000 } }), 'busy: Catching up');
});

test('numbers have units that a person can read', async () => {
  const duration = await load('renderer/status-text.js', 'duration');
  assert.equal([undefined, 12.4, 12_345].map(duration), ['–', '12 ms', '12.3 s']);
  const bitrate = await load('renderer/status-text.js', 'bitrate');
  assert.equal([undefined, 31_250, 250_000].map(bitrate), ['–', '250 kbit/s', '2.0 Mbit/s']);
});
