import * as assert from 'uvu/assert';
import type { Frame } from '../../ts/index.js';
import { suite } from '../support/suite.js';
import { collect, failureOf, makeStream } from './support/client.js';
import { startFake } from './support/fake-service.js';
import { frames, START, VIDEO_TRACK } from './support/media.js';

const test = suite('producer frames');
const data = Buffer.from([0, 0, 0, 1, 0x65, 1, 2, 3]);

const WRONG: [frame: unknown, code: string, message: RegExp][] = [
  [undefined, 'STATUS_INVALID_ARG', /an object with data and presentationTs/],
  [null, 'STATUS_INVALID_ARG', /received null/],
  ['frame', 'STATUS_INVALID_ARG', /received "frame"/],
  [
    { presentationTs: START },
    'STATUS_MKV_INVALID_FRAME_DATA',
    /a Uint8Array.*for data but received undefined/,
  ],
  [{ data: 'text', presentationTs: START }, 'STATUS_MKV_INVALID_FRAME_DATA', /received "text"/],
  [
    { data: new ArrayBuffer(5), presentationTs: START },
    'STATUS_MKV_INVALID_FRAME_DATA',
    /an instance of ArrayBuffer/,
  ],
  [
    { data },
    'STATUS_MKV_INVALID_FRAME_TIMESTAMP',
    /such as Date\.now\(\), for presentationTs but received undefined/,
  ],
  [{ data, presentationTs: '5' }, 'STATUS_MKV_INVALID_FRAME_TIMESTAMP', /received "5"/],
  [{ data, presentationTs: NaN }, 'STATUS_MKV_INVALID_FRAME_TIMESTAMP', /received NaN/],
  [{ data, presentationTs: Infinity }, 'STATUS_MKV_INVALID_FRAME_TIMESTAMP', /at Infinity ms/],
  [{ data, presentationTs: -5 }, 'STATUS_MKV_INVALID_FRAME_TIMESTAMP', /at -5 ms/],
  [
    { data, presentationTs: START, decodingTs: NaN },
    'STATUS_MKV_INVALID_FRAME_TIMESTAMP',
    /decoded at NaN ms/,
  ],
  [
    { data, presentationTs: START, duration: -1 },
    'STATUS_MKV_INVALID_FRAME_TIMESTAMP',
    /lasting -1 ms/,
  ],
  [
    { data: new Uint8Array(0), presentationTs: START },
    'STATUS_MKV_INVALID_FRAME_DATA',
    /frame of 0 bytes/,
  ],
  [
    { data, presentationTs: START, trackId: 7 },
    'STATUS_MKV_TRACK_INFO_NOT_FOUND',
    /of track 7: the stream has the tracks 1 \(video\) only/,
  ],
  [
    { data, presentationTs: START, trackId: 1.5 },
    'STATUS_INVALID_ARG',
    /of track 1\.5: the stream has the tracks 1 /,
  ],
];

test('each wrong frame is refused with its code and a sentence that names what is wrong', async (t) => {
  const fake = await startFake(t, () => undefined);
  const stream = await makeStream(t, fake.endpoint);
  for (const [frame, code, message] of WRONG) {
    const thrown = await failureOf(() => {
      stream.putFrame(frame as Frame);
    });
    assert.is(thrown.code, code, String(message));
    assert.match(thrown.message, message);
    assert.is((await failureOf(() => stream.put(frame as Frame))).message, thrown.message);
  }
  assert.is(stream.metrics.framesPut, 0);
  assert.is(fake.uploads.length, 0);
});

test('decoding times that run backwards are refused, and the stream goes on', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const stream = await makeStream(t, fake.endpoint);
  const media = frames({ count: 20 });
  for (const frame of media.slice(0, 15)) stream.putFrame(frame);
  const [early] = media;
  if (early === undefined) throw new Error('no frame');
  const error = await failureOf(() => {
    stream.putFrame(early);
  });
  assert.match(error.code, /TIMESTAMP$/);
  assert.is(error.values['presentationTs'], START);
  for (const frame of media.slice(15)) stream.putFrame(frame);
  const result = await stream.stop();
  assert.is(result.deliveredFrames, 20);
  assert.is(stream.metrics.putErrors, 1);
});

test('tracks put out of order are told which frameOrder takes them', async (t) => {
  const fake = await startFake(t, () => undefined);
  const sound = { codec: 'aac', trackId: 2, samplingFrequency: 48_000, channels: 2 } as const;
  const tracks = [VIDEO_TRACK, sound];
  const stream = await makeStream(t, fake.endpoint, { tracks, frameOrder: 'pass-through' });
  const [first, ...later] = frames({ count: 20 });
  if (first === undefined) throw new Error('no frame');
  const putSound = (presentationTs: number): void => {
    stream.putFrame({ data, trackId: 2, presentationTs, keyFrame: true });
  };
  stream.putFrame(first);
  putSound(START);
  for (const frame of later) stream.putFrame(frame);
  const error = await failureOf(() => {
    putSound(START + 20);
  });
  assert.match(error.message, /use 'multi-track'/);
});

test('an offline stream that has more to send than it may says so', async (t) => {
  const fake = await startFake(t, () => undefined);
  const options = { streamingType: 'offline', highWaterMark: 100 } as const;
  const stream = await makeStream(t, fake.endpoint, options);
  const error = await failureOf(() => {
    for (const frame of frames({ count: 100 })) stream.putFrame(frame);
  });
  assert.is(error.code, 'STATUS_STORE_OUT_OF_MEMORY');
  assert.match(
    error.message,
    /bytes are still to be sent, more than its highWaterMark of 100; use put\(\)/,
  );
});

test('a fragment cannot end before frames of it that wait', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const options = { streamingType: 'offline', highWaterMark: 1500 } as const;
  const stream = await makeStream(t, fake.endpoint, options);
  const puts = frames({ count: 6 }).map((frame) => stream.put(frame));
  const error = await failureOf(() => {
    stream.endFragment();
  });
  assert.match(error.message, /await put\(\) before endFragment\(\)/);
  await Promise.all(puts);
  stream.endFragment();
  assert.is((await stream.stop()).deliveredFrames, 6);
});

test('frames before the first key frame are dropped and told, in a turn of their own', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const stream = await makeStream(t, fake.endpoint);
  const drops = collect(stream, 'droppedFrame');
  for (const frame of frames({ count: 15 }).slice(5)) stream.putFrame(frame);
  assert.equal(drops, []);
  const result = await stream.stop();
  assert.is(result.droppedFrames.awaitingKeyFrame, 5);
  assert.is(result.deliveredFrames, 5);
  assert.is(drops[0]?.[0].reason, 'awaiting-key-frame');
  assert.is(
    drops.reduce((sum, [drop]) => sum + drop.frames, 0),
    5,
  );
});

test('a listener that throws disturbs neither the upload nor the other events', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const stream = await makeStream(t, fake.endpoint);
  const uncaught: unknown[] = [];
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => uncaught.push(error));
  t.after(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of others) process.on('uncaughtException', listener);
  });
  const reason = new Error('on purpose');
  let seen = 0;
  stream.on('fragmentAck', () => {
    seen += 1;
    throw reason;
  });
  for (const frame of frames({ count: 30 })) stream.putFrame(frame);
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(seen, 9, 'three acknowledgements for each of three fragments');
  assert.equal(uncaught, Array(9).fill(reason));
});

test('putting a frame leaves nothing for the garbage collector', async (t) => {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const fake = await startFake(t, (upload) => {
    upload.accept();
    upload.request.resume();
  });
  const stream = await makeStream(t, fake.endpoint);
  const frame = { data: Buffer.alloc(100, 0x80), keyFrame: true, presentationTs: START };
  frame.data.writeUInt32BE(96);
  const run = (count: number): void => {
    for (let index = 0; index < count; index += 1) {
      frame.presentationTs += 1;
      frame.keyFrame = index % 100 === 0;
      stream.putFrame(frame);
    }
  };
  run(20_000);
  await new Promise((resolve) => setImmediate(resolve));
  // The compiler works in the background and uses the heap too: the best round counts.
  const rounds = Array.from({ length: 5 }, () => {
    gc();
    const before = process.memoryUsage().heapUsed;
    run(2000);
    return (process.memoryUsage().heapUsed - before) / 2000;
  });
  const perFrame = Math.min(...rounds);
  // Times are numbers on the heap, several of them before the code is optimized; anything more,
  // such as a copy of the frame, a closure or a promise, is over this.
  assert.ok(perFrame < 150, `${perFrame} bytes for each frame`);
});

test('a misspelt key of the first frame is refused, and what else a program keeps in it is not', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const stream = await makeStream(t, fake.endpoint);
  const misspelt: [key: string, meant: string][] = [
    ['keyframe', 'keyFrame'],
    ['isKeyFrame', 'keyFrame'],
    ['dts', 'decodingTs'],
    ['track', 'trackId'],
  ];
  const [first, second] = frames({ count: 2 }) as [Frame, Frame];
  for (const [key, meant] of misspelt) {
    const error = await failureOf(() => {
      stream.putFrame({ ...first, [key]: true });
    });
    assert.is(error.code, 'STATUS_INVALID_ARG');
    assert.match(error.message, `Unknown option "${key}" for the frame: did you mean "${meant}"?`);
  }
  stream.putFrame({ ...first, source: 'door' } as Frame);
  stream.putFrame({ ...second, keyframe: true } as Frame);
  assert.is(stream.metrics.framesPut, 2);
});

test('before the first frame there is no fragment to end', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const stream = await makeStream(t, fake.endpoint);
  const error = await failureOf(() => {
    stream.endFragment();
  });
  assert.is(error.code, 'STATUS_CONTENT_VIEW_NO_MORE_ITEMS');
  assert.match(error.message, /has no fragment to end: put a key frame first\.$/);
});

test('a stream that is destroyed with an error of the program fails with it as the cause', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const stream = await makeStream(t, fake.endpoint);
  stream.destroy(new TypeError('the camera is gone'));
  const error = await failureOf(() => stream.stop());
  assert.is(error.code, 'STATUS_STREAM_HAS_BEEN_STOPPED');
  assert.match(error.message, /Stream "cam" was destroyed: the camera is gone/);
  assert.match((error.cause as Error).message, /the camera is gone/);
});
