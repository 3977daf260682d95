import { once } from 'node:events';
import { createContext, runInContext } from 'node:vm';
import { MessageChannel } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import type { Chunk, EncodedChunkInit, PutChunkOptions } from '../../ts/index.js';
import { suite } from '../support/suite.js';
import { collect, failureOf, makeStream, until } from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { frames, START, VIDEO_TRACK } from './support/media.js';

const test = suite('producer chunks', { timeout: 20_000 });

/** Of a main profile, so that it is another one than that of the track. */
const OTHER_AVCC = Buffer.from('014d401effe1000a674d401ed9003c22114001000468ce3c80', 'hex');

const readAndAck = (upload: FakeUpload): void => {
  upload.readAndAck();
};

/** What `frames` makes, as an encoder gives it: microseconds that count from some moment. */
function chunks(count: number, first = 5_000_000): EncodedChunkInit[] {
  return frames({ count }).map(({ data, keyFrame }, index) => ({
    type: keyFrame === true ? 'key' : 'delta',
    timestamp: first + index * 100_000,
    duration: null,
    data,
  }));
}

/** As WebCodecs has it: the bytes can only be copied out. */
class FakeEncodedVideoChunk {
  readonly #init: EncodedChunkInit;

  constructor(init: EncodedChunkInit) {
    this.#init = init;
  }

  get type(): 'key' | 'delta' {
    return this.#init.type;
  }
  get timestamp(): number {
    return this.#init.timestamp;
  }
  get duration(): number | null {
    return this.#init.duration ?? null;
  }
  get byteLength(): number {
    return this.#init.data.byteLength;
  }
  copyTo(destination: Uint8Array): void {
    if (destination.length < this.byteLength) throw new TypeError('destination is too small');
    destination.set(this.#init.data as Uint8Array);
  }
}

test('chunks of an encoder go in as they are, and the first one is of now', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const before = Date.now();
  for (const init of chunks(20)) stream.putChunk(new FakeEncodedVideoChunk(init));
  const after = Date.now();
  assert.is((await stream.stop()).deliveredFrames, 20);
  const [first = 0, second = 0] = fake.uploads[0]?.timecodes ?? [];
  assert.ok(first >= before - 1 && first <= after + 1, `${before} ${first} ${after}`);
  assert.is(second - first, 1000);
  const sent = Buffer.concat(fake.uploads[0]?.chunks ?? []);
  for (const { data } of frames({ count: 20 }))
    assert.ok(sent.includes(Buffer.from(data)), 'a frame is missing');
});

test('what a message holds of a chunk does as well, whatever kind of bytes it has', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const { port1, port2 } = new MessageChannel();
  t.after(() => {
    port1.close();
  });
  const context = createContext({});
  const foreign = (bytes: Uint8Array): ArrayBuffer => {
    const buffer = runInContext(`new ArrayBuffer(${bytes.length})`, context) as ArrayBuffer;
    new Uint8Array(buffer).set(bytes);
    return buffer;
  };
  const forms: ((bytes: Uint8Array) => EncodedChunkInit['data'])[] = [
    (bytes) => bytes,
    (bytes) => new Uint8Array(bytes).buffer,
    (bytes) => new DataView(new Uint8Array(bytes).buffer),
    foreign,
  ];
  for (const [index, chunk] of chunks(20).entries()) {
    const form = forms[index % forms.length];
    const message = { ...chunk, data: form?.(chunk.data as Uint8Array) };
    const isForeign = form === foreign;
    port1.postMessage(message);
    const [received] = (await once(port2, 'message')) as [Chunk];
    stream.putChunk(isForeign ? (message as Chunk) : received, { timeOrigin: START - 5000 });
  }
  assert.is((await stream.stop()).deliveredFrames, 20);
  assert.equal(fake.uploads[0]?.timecodes, [START, START + 1000]);
});

test('each track has a first chunk of its own', async (t) => {
  const fake = await startFake(t, readAndAck);
  const sound = { codec: 'opus', trackId: 2, samplingFrequency: 48_000, channels: 1 };
  const stream = await makeStream(t, fake.endpoint, { tracks: [VIDEO_TRACK, sound] });
  for (const [index, chunk] of chunks(20).entries()) {
    stream.putChunk(chunk);
    const data = new Uint8Array(10).fill(1);
    stream.putChunk({ type: 'key', timestamp: index * 100_000, data }, { trackId: 2 });
  }
  const { deliveredFrames, droppedFrames } = await stream.stop();
  assert.is(droppedFrames.total, 0, 'five seconds earlier, the sound would have come too late');
  assert.is(deliveredFrames, 40);
});

test('a description of the codec becomes the format, once, and anew when it changes', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint, { tracks: [{ codec: 'h264' }] });
  const changes = collect(stream, 'formatChanged');
  const { codecPrivateData } = VIDEO_TRACK;
  const told = (description: Uint8Array): PutChunkOptions => ({
    timeOrigin: START,
    metadata: { decoderConfig: { description } },
  });
  for (const [index, chunk] of chunks(30, 0).entries()) {
    // An encoder that is made anew tells its description again.
    if (index === 0 || index === 10) stream.putChunk(chunk, told(codecPrivateData));
    else if (index === 20) stream.putChunk(chunk, told(new Uint8Array(OTHER_AVCC)));
    else stream.putChunk(chunk, { timeOrigin: START, metadata: undefined });
  }
  assert.is((await stream.stop()).deliveredFrames, 30);
  assert.equal(changes, [[{ trackId: 1 }]]);
  const uploads = fake.uploads.map(({ chunks: bytes }) => Buffer.concat(bytes));
  assert.is(uploads.length, 2, 'a connection for each format');
  assert.ok(uploads[0]?.includes(codecPrivateData.subarray(8)), 'the first format');
  assert.ok(uploads[1]?.includes(OTHER_AVCC.subarray(8)), 'the second format');
});

test('a format that was set by hand is known, and the encoder may set it back', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const changes = collect(stream, 'formatChanged');
  const [key] = chunks(1, 0);
  if (key === undefined) throw new Error('no chunk');
  const metadata = { decoderConfig: { description: VIDEO_TRACK.codecPrivateData } };
  const put = (second: number, options: PutChunkOptions = {}): void => {
    stream.putChunk({ ...key, timestamp: second * 1e6 }, { timeOrigin: START, ...options });
  };
  put(0, { metadata });
  stream.setCodecPrivateData(1, OTHER_AVCC);
  put(1);
  await until(t, () => changes.length === 1);
  put(2, { metadata });
  await stream.stop();
  assert.is(changes.length, 2, 'one by hand, and the way back');
});

const chunk = { type: 'key', timestamp: 0, data: new Uint8Array(9) };
const WRONG: [chunk: unknown, options: unknown, message: RegExp][] = [
  [undefined, {}, /Expected an EncodedVideoChunk, .* with type, timestamp and data for the chunk/],
  [{ type: 'key', timestamp: 0 }, {}, /Expected an EncodedVideoChunk, /],
  [{ ...chunk, type: 'Key' }, {}, /Expected 'key' or 'delta' for type of the chunk.*"Key"/],
  [{ ...chunk, timestamp: '0' }, {}, /a number of microseconds for timestamp of the chunk.*"0"/],
  [{ ...chunk, timestamp: NaN }, {}, /a number of microseconds for timestamp/],
  [{ ...chunk, duration: '1' }, {}, /a number of microseconds, or null, for duration/],
  [{ ...chunk, data: [1, 2] }, {}, /an ArrayBuffer or a view of one for data of the chunk/],
  [chunk, { trackID: 2 }, /Unknown option "trackID" for putChunk: did you mean "trackId"/],
  [chunk, { timeOrigin: 'now' }, /milliseconds since the epoch.* for timeOrigin of putChunk/],
  [chunk, { trackId: 7 }, /of track 7: the stream has the tracks 1 \(video\) only/],
  [
    chunk,
    { metadata: { decoderConfig: { description: 'avcC' } } },
    /for metadata.decoderConfig.description but received "avcC"/,
  ],
];

test('what is no chunk is refused by a sentence that names what is wrong', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  for (const [given, options, message] of WRONG) {
    const error = await failureOf(() => {
      stream.putChunk(given as Chunk, options as PutChunkOptions);
    });
    assert.match(error.message, message);
  }
  assert.is(stream.metrics.framesPut, 0);
  stream.destroy();
  const error = await failureOf(() => {
    stream.putChunk(chunk as Chunk, null as never);
  });
  assert.is(error.code, 'STATUS_STREAM_HAS_BEEN_STOPPED');
});
