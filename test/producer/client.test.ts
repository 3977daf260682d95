import * as assert from 'uvu/assert';
import { getEventListeners } from 'node:events';
import { KinesisVideoClient, KinesisVideoStream } from '../../ts/index.js';
import { startLocalKinesisVideo } from './support/local.js';
import { CANARY_SECRET_KEY } from '../support/canary.js';
import { suite } from '../support/suite.js';
import { failureOf, makeClient, MIB, putAll } from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { definition, frames, VIDEO_TRACK } from './support/media.js';

const test = suite('producer client', { timeout: 20_000 });

const readAndAck = (upload: FakeUpload): void => {
  upload.readAndAck();
};

const WRONG: [options: Record<string, unknown>, code: string, message: RegExp][] = [
  [
    { storageSize: 5 * MIB },
    'STATUS_INVALID_STORAGE_SIZE',
    /from 10485760 to 10737418240 for storageSize/,
  ],
  [{ storageSize: 1e12 }, 'STATUS_INVALID_STORAGE_SIZE', /received 1000000000000/],
  [{ storageSize: '64MB' }, 'STATUS_INVALID_STORAGE_SIZE', /received "64MB"/],
  [
    { storagesize: 64 * MIB },
    'STATUS_INVALID_ARG',
    /Unknown option "storagesize".*"storageSize"\?/,
  ],
  [{ creds: {} }, 'STATUS_INVALID_ARG', /Unknown option "creds" for KinesisVideoClient/],
  [{ region: 'US West' }, 'STATUS_INVALID_ARG', /region/],
  [{ endpoint: 'localhost:80' }, 'STATUS_INVALID_ARG', /http or https URL for endpoint/],
  [{ logger: { warn: 'yes' } }, 'STATUS_INVALID_ARG', /logger/],
  [{ ca: 5 }, 'STATUS_INVALID_ARG', /certificates in PEM form/],
  [
    { ca: '-----BEGIN PRIVATE KEY-----' },
    'STATUS_INVALID_ARG',
    /for ca but received "a text of 27 characters without one"/,
  ],
  [{ addressFamily: 'ipv5' }, 'STATUS_INVALID_ARG', /addressFamily/],
  [{ proxy: true }, 'STATUS_INVALID_ARG', /URL of a proxy, or false, for proxy/],
  [{ proxy: 'socks5://u:p@h' }, 'STATUS_INVALID_ARG', /for proxy but received one of socks5:/],
  [{ ca: [] }, 'STATUS_INVALID_ARG', /certificates in PEM form/],
  [{ spillSize: 20 * MIB }, 'STATUS_INVALID_ARG', /spillDirectory beside spillSize.* 20971520/],
  [
    { spillDirectory: '/no/such/folder' },
    'STATUS_OPEN_FILE_FAILED',
    /spillDirectory "\/no\/such\/folder": give a folder that exists and .* may write to/,
  ],
  [{ credentials: { accessKey: 'a' } }, 'STATUS_INVALID_ARG', /have no accessKeyId in them/],
  [{ connectTimeout: 0 }, 'STATUS_INVALID_ARG', /connectTimeout/],
  [{ userAgent: 'a\nb' }, 'STATUS_INVALID_ARG', /userAgent/],
];

test('each wrong option is refused with its code and a sentence that names it', async () => {
  for (const [options, code, message] of WRONG) {
    const error = await failureOf(() => new KinesisVideoClient(options));
    assert.is(error.code, code, JSON.stringify(options));
    assert.match(error.message, message);
  }
  assert.is(
    (await failureOf(() => new KinesisVideoClient([] as never))).code,
    'STATUS_INVALID_ARG',
  );
});

test('credentials of the wrong kind are refused without being shown', async () => {
  const credentials = CANARY_SECRET_KEY as never;
  const error = await failureOf(() => new KinesisVideoClient({ credentials }));
  assert.not.match(JSON.stringify(error) + error.message, /canary/);
});

test('a store of 64 MiB is the default, and takes no memory before it is used', (t) => {
  const before = process.memoryUsage.rss();
  const client = new KinesisVideoClient({ region: 'us-west-2' });
  t.after(() => {
    client.destroy();
  });
  assert.is(client.metrics.storageSize, 64 * MIB);
  assert.is(client.metrics.storageAllocated, 0);
  assert.ok(process.memoryUsage.rss() - before < 32 * MIB);
});

test('a stream that does not exist is created with what the definition says', async (t) => {
  const local = await startLocalKinesisVideo();
  t.after(() => local.close());
  const client = makeClient(t, local.endpoint);
  const stream = await client.createStream(
    definition({ retentionPeriod: 5, tags: { place: 'door' } }),
  );
  assert.is(stream.streamName, 'cam');
  assert.is(stream.state, 'idle');
  const again = makeClient(t, local.endpoint);
  await again.createStream(definition({ allowStreamCreation: false }));
});

test('a stream that does not exist and must not be created is an error', async (t) => {
  const local = await startLocalKinesisVideo();
  t.after(() => local.close());
  const client = makeClient(t, local.endpoint);
  const error = await failureOf(() =>
    client.createStream(definition({ allowStreamCreation: false })),
  );
  assert.is(error.code, 'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR');
  assert.is(client.metrics.streams, 0);
});

test('an offline stream needs the existing stream to keep its media', async (t) => {
  const fake = await startFake(t, readAndAck);
  fake.retention = 0;
  const client = makeClient(t, fake.endpoint);
  const error = await failureOf(() =>
    client.createStream(definition({ streamingType: 'offline' })),
  );
  assert.is(error.code, 'STATUS_OFFLINE_MODE_WITH_ZERO_RETENTION');
  assert.match(error.message, /retention period of stream "cam" is 0/);
});

test('a fragment of a stream that keeps nothing is done once it is received', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.accept();
    upload.read((begun) => {
      for (const timecode of begun) upload.ack('RECEIVED', timecode);
    });
    upload.request.on('end', () => upload.response.end());
  });
  fake.retention = 0;
  const client = makeClient(t, fake.endpoint);
  const stream = await client.createStream(definition());
  await putAll(stream, frames({ count: 30 }));
  const result = await stream.stop();
  // The last fragment is confirmed when it is still being sent, which nobody can believe.
  assert.ok(result.deliveredFrames >= 20);
  assert.is(result.receivedFragments >= 3, true);
});

test('a second stream of the same name is refused, after the first has stopped it is not', async (t) => {
  const fake = await startFake(t, readAndAck);
  const client = makeClient(t, fake.endpoint);
  const stream = await client.createStream(definition());
  const error = await failureOf(() => client.createStream(definition()));
  assert.is(error.code, 'STATUS_DUPLICATE_STREAM_NAME');
  assert.match(error.message, /Stream "cam" cannot be made/);
  await stream.stop();
  await client.createStream(definition());
});

test('tracks without a number get that of their place', async (t) => {
  const fake = await startFake(t, readAndAck);
  const client = makeClient(t, fake.endpoint);
  const audio = { codec: 'aac', samplingFrequency: 48_000, channels: 2 };
  const stream = await client.createStream(definition({ tracks: [VIDEO_TRACK, audio] }));
  const error = await failureOf(() => {
    stream.setCodecPrivateData(7, Buffer.alloc(2));
  });
  assert.match(error.message, /a track that there is, 1 \(video\), 2 \(audio\), for trackId/);
});

test('codec private data that is none is refused when the stream is made', async (t) => {
  const fake = await startFake(t, readAndAck);
  const client = makeClient(t, fake.endpoint);
  const tracks = [{ codec: 'h264', codecPrivateData: new Uint8Array(5) }];
  const error = await failureOf(() => client.createStream(definition({ tracks })));
  assert.match(error.code, /^STATUS_MKV_/);
  assert.match(
    error.message,
    /tracks\[0\]\.codecPrivateData \(V_MPEG4.*\) of 5 bytes \(0000000000\)/,
  );
  assert.is(client.metrics.streams, 0);
});

test('createStream ends with the reason of its signal, before and during the call', async (t) => {
  const fake = await startFake(t, readAndAck);
  const client = makeClient(t, fake.endpoint);
  const reason = new Error('enough');
  const before = client.createStream(definition(), { signal: AbortSignal.abort(reason) });
  assert.is(await before.catch((error: unknown) => error), reason);
  assert.equal(fake.operations, []);

  const controller = new AbortController();
  const during = client.createStream(definition(), { signal: controller.signal });
  controller.abort(reason);
  assert.is(await during.catch((error: unknown) => error), reason);
  assert.is(client.metrics.streams, 0);
});

test('closing delivers what all streams hold', async (t) => {
  const local = await startLocalKinesisVideo({ ackDelay: 50 });
  t.after(() => local.close());
  const client = makeClient(t, local.endpoint);
  const streams = await Promise.all(
    ['a', 'b', 'c'].map((streamName) => client.createStream(definition({ streamName }))),
  );
  for (const stream of streams) for (const frame of frames({ count: 25 })) stream.putFrame(frame);
  await client.close();
  for (const stream of streams) {
    assert.is(stream.metrics.framesDelivered, 25);
    assert.is(stream.state, 'closed');
    assert.is((await stream.stop()).complete, true);
  }
  assert.is(client.metrics.streams, 0);
});

test('a closed client makes no streams, and closing it again does nothing', async (t) => {
  const fake = await startFake(t, readAndAck);
  const client = makeClient(t, fake.endpoint);
  const late = client.createStream(definition());
  const closing = client.close();
  assert.is((await failureOf(() => late)).code, 'STATUS_INVALID_OPERATION');
  await closing;
  await client.close();
  client.destroy();
  assert.is(
    (await failureOf(() => client.createStream(definition()))).code,
    'STATUS_INVALID_OPERATION',
  );
});

test('closing tells of a stream that has failed without anybody having noticed', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.refuse(403, 'AccessDeniedException');
  });
  const client = makeClient(t, fake.endpoint);
  const stream = await client.createStream(definition());
  await putAll(stream, frames({ count: 1 }));
  while (stream.state !== 'failed') await new Promise((resolve) => setTimeout(resolve, 5));
  const error = await failureOf(() => client.close());
  assert.is(error.code, 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR');
});

test('closing does not repeat an error that was told', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.refuse(403, 'AccessDeniedException');
  });
  const client = makeClient(t, fake.endpoint);
  const stream = await client.createStream(definition());
  const told = new Promise((resolve) => stream.on('error', resolve));
  await putAll(stream, frames({ count: 1 }));
  await told;
  await client.close();
});

test('`await using` closes the client and its streams', async (t) => {
  const local = await startLocalKinesisVideo();
  t.after(() => local.close());
  let kept: KinesisVideoStream;
  {
    await using client = makeClient(t, local.endpoint);
    kept = await client.createStream(definition());
    await putAll(kept, frames({ count: 12 }));
  }
  assert.is(kept.metrics.framesDelivered, 12);
});

test('a stream cannot be made without a client', () => {
  const Stream = KinesisVideoStream as unknown as new () => unknown;
  assert.throws(() => new Stream(), /made by client\.createStream/);
});

test('createStream leaves nothing at a signal that lives on', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const client = makeClient(t, fake.endpoint);
  const any = AbortSignal.any.bind(AbortSignal);
  t.after(() => {
    AbortSignal.any = any;
  });
  // Each signal that is made so stays in a list of those that it was made of.
  AbortSignal.any = () => {
    throw new Error('AbortSignal.any was called');
  };
  const { signal } = new AbortController();
  (await client.createStream(definition(), { signal })).destroy();
  assert.is(getEventListeners(signal, 'abort').length, 0);
});
