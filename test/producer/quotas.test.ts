import * as assert from 'uvu/assert';
import { KinesisVideoClient, type StatusName } from '../../ts/index.js';
import { resolveCredentials } from '../../ts/credentials/index.js';
import { binding } from '../../ts/internal/binding.js';
import { unwrap } from '../../ts/internal/native.js';
import { toNativeConfig } from '../../ts/producer/native-config.js';
import { resolveDefinition } from '../../ts/producer/stream-definition.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { suite, type TestContext } from '../support/suite.js';
import { failureOf, makeClient, makeStream, MIB } from './support/client.js';
import { makeNativeStream } from './support/native-stream.js';
import { definition, frames, VIDEO_TRACK } from './support/media.js';

const test = suite('producer quotas', { timeout: 30_000 });

const x = (length: number): string => 'x'.repeat(length);
const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag${index}`, 'value']));

/** One row of the guide's table "Producer SDK quotas", or of "Streaming metadata". */
interface Quota {
  readonly row: string;
  /** Uses the limit itself, which must not throw. */
  readonly passes: (t: TestContext) => unknown;
  /** Goes one beyond. */
  readonly fails: (t: TestContext) => unknown;
  readonly code: StatusName;
  /** Where we differ from the guide, and why. */
  readonly note?: string;
}

/** A row about a member of the definition of a stream. */
function ofDefinition(
  row: string,
  name: string,
  good: unknown,
  bad: unknown,
  code: StatusName,
  note?: string,
): Quota {
  const resolve = (value: unknown) => () =>
    resolveDefinition(Object.assign({ streamName: 'cam' }, { [name]: value }));
  return { row, passes: resolve(good), fails: resolve(bad), code, ...(note && { note }) };
}

/** A row about an option of the client. */
function ofClient(
  row: string,
  good: Record<string, unknown>,
  bad: Record<string, unknown>,
  code: StatusName,
): Quota {
  const make = (options: Record<string, unknown>) => () => {
    new KinesisVideoClient({ region: 'us-west-2', ...options }).destroy();
  };
  return { row, passes: make(good), fails: make(bad), code };
}

function ofTrack(row: string, name: string, good: unknown, bad: unknown, code: StatusName): Quota {
  const tracks = (value: unknown): unknown => [{ ...VIDEO_TRACK, [name]: value }];
  return ofDefinition(row, 'tracks', tracks(good), tracks(bad), code);
}

/** What describeStream answers. */
function described(change: Record<string, string>) {
  return async (t: TestContext): Promise<void> => {
    const fake = await startFake(t, () => undefined);
    Object.assign(fake.streamInfo, change);
    await makeStream(t, fake.endpoint);
  };
}

function withMetadata(name: string, value: string) {
  return async (t: TestContext): Promise<void> => {
    const fake = await startFake(t, (upload: FakeUpload) => {
      upload.readAndAck();
    });
    const stream = await makeStream(t, fake.endpoint);
    for (const frame of frames({ count: 2 })) stream.putFrame(frame);
    stream.putFragmentMetadata(name, value);
    stream.destroy();
  };
}

function metadataItems(count: number) {
  return (t: TestContext): void => {
    const native = makeNativeStream(t);
    for (let item = 0; item < count; item += 1) {
      const status = native.putMetadata(`name${item}`, 'value', false);
      if (status !== 0) throw codeError(status);
    }
  };
}

/** Streams of a client in the core, without the calls to the service. */
function streams(count: number) {
  return (t: TestContext): void => {
    const client = unwrap(binding().createClient(10 * MIB, 0, '', 0), 'no client');
    t.after(() => {
      client.close();
    });
    for (let index = 0; index < count; index += 1) {
      const resolved = resolveDefinition(definition({ streamName: `cam-${index}`, maxFrames: 11 }));
      unwrap(client.createStream(toNativeConfig(resolved, true)), 'no stream');
    }
  };
}

function codeError(status: number): Error {
  return Object.assign(new Error('a status'), { code: binding().statusInfo(status).name });
}

/** A session with credentials that are good for so many milliseconds. */
function session(life: number) {
  return (t: TestContext): void => {
    const native = makeNativeStream(t);
    native.putFrame(new Uint8Array(10), 1, 1, 1000, 1000, 0);
    const opened = native.openSession(Date.now() + life);
    if (typeof opened === 'number') throw codeError(opened);
  };
}

const keys = (length: number) => () =>
  resolveCredentials({ accessKeyId: 'a', secretAccessKey: 'b', sessionToken: x(length - 2) });

const UUID = 'STATUS_MKV_INVALID_SEGMENT_UUID';

const QUOTAS: readonly Quota[] = [
  {
    row: 'Max stream count',
    passes: streams(128),
    fails: streams(129),
    code: 'STATUS_MAX_STREAM_COUNT',
  },
  ofDefinition(
    'Max device name length',
    'deviceName',
    x(128),
    x(129),
    'STATUS_INVALID_DEVICE_NAME_LENGTH',
  ),
  ofDefinition('Max tag count', 'tags', many(50), many(51), 'STATUS_MAX_TAG_COUNT'),
  ofDefinition(
    'Max stream name length',
    'streamName',
    x(256),
    x(257),
    'STATUS_INVALID_STREAM_NAME_LENGTH',
  ),
  ofClient(
    'Min storage size',
    { storageSize: 10 * MIB },
    { storageSize: 10 * MIB - 1 },
    'STATUS_INVALID_STORAGE_SIZE',
  ),
  ofClient(
    'Max storage size',
    { storageSize: 10 * 1024 * MIB },
    { storageSize: 10 * 1024 * MIB + 1 },
    'STATUS_INVALID_STORAGE_SIZE',
  ),
  ofClient(
    'Max root directory path length',
    { spillDirectory: `/tmp${'/.'.repeat(2000)}` },
    { spillDirectory: `/tmp${'/.'.repeat(2050)}` },
    'STATUS_INVALID_ROOT_DIRECTORY_LENGTH',
  ),
  {
    row: 'Max auth info length',
    passes: keys(10_000),
    fails: keys(10_001),
    code: 'STATUS_INVALID_AUTH_LEN',
  },
  ofClient(
    'Max URI string length',
    { endpoint: `http://localhost/${x(10_000 - 17)}` },
    { endpoint: `http://localhost/${x(10_000 - 16)}` },
    'STATUS_INVALID_URI_LEN',
  ),
  ofDefinition(
    'Max tag name length',
    'tags',
    { [x(128)]: '' },
    { [x(129)]: '' },
    'STATUS_INVALID_TAG_NAME_LEN',
  ),
  ofDefinition(
    'Max tag value length',
    'tags',
    { name: x(256) },
    { name: x(257) },
    'STATUS_INVALID_TAG_VALUE_LEN',
    'the guide says 1024 for the SDK, but the service takes 256',
  ),
  {
    row: 'Min security token period',
    passes: session(31_000),
    fails: session(29_000),
    code: 'STATUS_INVALID_TOKEN_EXPIRATION',
  },
  ofDefinition('Retention period', 'retentionPeriod', 1, 0.5, 'STATUS_INVALID_RETENTION_PERIOD'),
  ofDefinition(
    'Max retention period',
    'retentionPeriod',
    87_600,
    87_601,
    'STATUS_INVALID_RETENTION_PERIOD',
  ),
  ofDefinition(
    'Min cluster duration',
    'fragmentDuration',
    1000,
    999,
    'STATUS_MKV_INVALID_CLUSTER_DURATION',
  ),
  ofDefinition(
    'Max cluster duration',
    'fragmentDuration',
    30_000,
    30_001,
    'STATUS_MKV_INVALID_CLUSTER_DURATION',
  ),
  ofDefinition(
    'Max content type string length',
    'contentType',
    `video/${x(122)}`,
    `video/${x(123)}`,
    'STATUS_MKV_INVALID_CONTENT_TYPE_LENGTH',
  ),
  ofTrack(
    'Max codec ID string length',
    'codecId',
    `V_${x(30)}`,
    `V_${x(31)}`,
    'STATUS_MKV_INVALID_CODEC_ID_LENGTH',
  ),
  ofTrack(
    'Max track name string length',
    'trackName',
    x(32),
    x(33),
    'STATUS_MKV_INVALID_TRACK_NAME_LENGTH',
  ),
  ofTrack(
    'Max codec private data length',
    'codecPrivateData',
    new Uint8Array(MIB),
    new Uint8Array(MIB + 1),
    'STATUS_MKV_INVALID_CODEC_PRIVATE_LENGTH',
  ),
  ofDefinition(
    'Min timecode scale value length',
    'timecodeScale',
    0.0001,
    0.00009,
    'STATUS_MKV_INVALID_TIMECODE_SCALE',
  ),
  ofDefinition(
    'Max timecode scale value length',
    'timecodeScale',
    1000,
    1000.1,
    'STATUS_MKV_INVALID_TIMECODE_SCALE',
  ),
  ofDefinition('Min content view item count', 'maxFrames', 11, 10, 'STATUS_MIN_CONTENT_VIEW_ITEMS'),
  ofDefinition(
    'Min buffer duration',
    'bufferDuration',
    1000,
    999,
    'STATUS_INVALID_CONTENT_VIEW_DURATION',
    'the guide says 20 s, which is too much for a small store; the least that works is a fragment',
  ),
  {
    row: 'Max update version length',
    passes: described({ Version: x(128) }),
    fails: described({ Version: x(129) }),
    code: 'STATUS_INVALID_DESCRIBE_STREAM_RESPONSE',
  },
  {
    row: 'Max ARN length',
    passes: described({ StreamARN: x(1024) }),
    fails: described({ StreamARN: x(1025) }),
    code: 'STATUS_INVALID_DESCRIBE_STREAM_RESPONSE',
  },
  {
    row: 'Metadata items of a fragment',
    passes: metadataItems(10),
    fails: metadataItems(11),
    code: 'STATUS_MAX_FRAGMENT_METADATA_COUNT',
  },
  {
    row: 'Metadata name length',
    passes: withMetadata(x(128), 'value'),
    fails: withMetadata(x(129), 'value'),
    code: 'STATUS_MKV_INVALID_TAG_NAME_LENGTH',
  },
  {
    row: 'Metadata value length',
    passes: withMetadata('name', x(256)),
    fails: withMetadata('name', x(257)),
    code: 'STATUS_MKV_INVALID_TAG_VALUE_LENGTH',
  },
  {
    row: 'Metadata name that begins with AWS',
    passes: withMetadata('aws', 'value'),
    fails: withMetadata('AWS', 'value'),
    code: 'STATUS_INVALID_METADATA_NAME',
  },
  // Not in the tables, and limits of the format all the same.
  ofDefinition('Segment UUID', 'segmentUuid', new Uint8Array(16), new Uint8Array(17), UUID),
  ofDefinition('KMS key', 'kmsKeyId', x(2048), x(2049), 'STATUS_INVALID_ARG'),
  ofDefinition(
    'Tracks',
    'tracks',
    [1, 2, 3].map((trackId) => ({ ...VIDEO_TRACK, trackId })),
    [1, 2, 3, 4].map((trackId) => ({ ...VIDEO_TRACK, trackId })),
    'STATUS_MAX_TRACK_COUNT_EXCEEDED',
  ),
];

/**
 * Rows of the guide without a value that could be refused here: "Security token grace period" and
 * "Max connection duration" are kept by replacing the connection after 40 minutes (test/native/
 * rotation_test.c), "Max fragment size", "Max fragment duration" and "Max fragment sequence length" are
 * the service's to tell (its errors 4001 and 4002; the core cuts off longer numbers), and "Max ACK
 * segment length" is about a buffer that ours does not need: acknowledgements may be cut anywhere.
 */
for (const { row, passes, fails, code, note } of QUOTAS) {
  const remark = note === undefined ? '' : ` (${note})`;
  test(`${row}: the limit passes, and one beyond is ${code}${remark}`, async (t) => {
    await passes(t);
    const thrown = await codeOf(() => fails(t));
    assert.is(thrown, code);
  });
}

/** The code of what is thrown. */
async function codeOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return 'nothing';
}

test('a data endpoint that is too long is refused like that of the control plane', async (t) => {
  const fake = await startFake(t, () => undefined);
  fake.dataEndpoint = `${fake.endpoint}/${x(10_000)}`;
  const error = await failureOf(() => makeClient(t, fake.endpoint).createStream(definition()));
  assert.is(error.code, 'STATUS_INVALID_URI_LEN');
});
