import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  GetDataEndpointCommand,
  ListStreamsCommand,
  ListTagsForStreamCommand,
  TagStreamCommand,
  UntagStreamCommand,
  UpdateDataRetentionCommand,
  type KinesisVideoClient,
  type StreamInfo,
} from '@aws-sdk/client-kinesis-video';
import * as assert from 'uvu/assert';
import { suite, type TestContext } from '../support/suite.js';
import {
  controlClient,
  rejection,
  startEndpoint,
  startWithStream,
  temporaryFolder,
} from './support/endpoint.js';
import { call } from './support/http.js';

const test = suite('Control plane');

async function describe(client: KinesisVideoClient, name = 'cam'): Promise<StreamInfo> {
  const { StreamInfo } = await client.send(new DescribeStreamCommand({ StreamName: name }));
  assert.ok(StreamInfo);
  return StreamInfo;
}

/** An endpoint whose clock the test sets. */
async function startWithClock(
  t: TestContext,
  lifecycleDelay: number,
): Promise<{ client: KinesisVideoClient; advance: (ms: number) => void }> {
  let offset = 0;
  const local = await startEndpoint(t, { lifecycleDelay, now: () => Date.now() + offset });
  return {
    client: controlClient(t, local),
    advance: (ms) => {
      offset += ms;
    },
  };
}

test('describes a stream as it was created', async (t) => {
  const local = await startEndpoint(t);
  const client = controlClient(t, local);
  const { StreamARN } = await client.send(
    new CreateStreamCommand({
      StreamName: 'front_door-1.2',
      DeviceName: 'pi',
      MediaType: 'video/h264,audio/aac',
      DataRetentionInHours: 48,
      Tags: { room: 'hall' },
    }),
  );
  const info = await describe(client, 'front_door-1.2');
  const created = info.CreationTime?.getTime() ?? 0;
  assert.is(info.StreamARN, StreamARN);
  assert.is(
    StreamARN,
    `arn:aws:kinesisvideo:us-west-2:000000000000:stream/front_door-1.2/${created}`,
  );
  assert.ok(Math.abs(created - Date.now()) < 5000);
  assert.match(info.Version ?? '', /^[a-zA-Z0-9]{20}$/);
  assert.is(info.KmsKeyId, 'arn:aws:kms:us-west-2:000000000000:alias/aws/kinesisvideo');
  assert.equal(
    [info.StreamName, info.DeviceName, info.MediaType, info.DataRetentionInHours, info.Status],
    ['front_door-1.2', 'pi', 'video/h264,audio/aac', 48, 'ACTIVE'],
  );
  const { Tags } = await client.send(new ListTagsForStreamCommand({ StreamARN }));
  assert.equal(Tags, { room: 'hall' });
});

test('answers with an explicit null for what is not set, as the service does', async (t) => {
  const { local } = await startWithStream(t);
  const { json, headers } = await call(local, '/describeStream', { StreamName: 'cam' });
  const info = json['StreamInfo'] as Record<string, unknown>;
  assert.is(info['DeviceName'], null);
  assert.is(info['IngestionConfiguration'], null);
  assert.is(headers['content-type'], 'application/json');
});

test('a stream is CREATING, then ACTIVE, and DELETING, then gone', async (t) => {
  const { client, advance } = await startWithClock(t, 5000);
  const { StreamARN } = await client.send(new CreateStreamCommand({ StreamName: 'cam' }));
  assert.is((await describe(client)).Status, 'CREATING');
  const early = await rejection(client.send(new DeleteStreamCommand({ StreamARN })));
  assert.is(early.name, 'ResourceInUseException');
  advance(5001);
  assert.is((await describe(client)).Status, 'ACTIVE');

  await client.send(new DeleteStreamCommand({ StreamARN }));
  assert.is((await describe(client)).Status, 'DELETING');
  const again = await rejection(client.send(new CreateStreamCommand({ StreamName: 'cam' })));
  assert.is(again.name, 'ResourceInUseException');
  const tag = new TagStreamCommand({ StreamName: 'cam', Tags: { a: 'b' } });
  assert.is((await rejection(client.send(tag))).name, 'ResourceNotFoundException');
  advance(5001);
  assert.is((await rejection(describe(client))).name, 'ResourceNotFoundException');
  await client.send(new CreateStreamCommand({ StreamName: 'cam' }));
});

test('refuses a name that is taken', async (t) => {
  const { client } = await startWithStream(t);
  const twice = await rejection(client.send(new CreateStreamCommand({ StreamName: 'cam' })));
  assert.equal([twice.name, twice.status], ['ResourceInUseException', 400]);
});

test('creates a name once when many ask for it at the same time', async (t) => {
  const local = await startEndpoint(t);
  const client = controlClient(t, local);
  const attempts = Array.from({ length: 8 }, () =>
    client.send(new CreateStreamCommand({ StreamName: 'cam' })).then(
      () => 'created',
      (error: unknown) => (error as Error).name,
    ),
  );
  const outcomes = (await Promise.all(attempts)).sort();
  assert.equal(outcomes, [...Array<string>(7).fill('ResourceInUseException'), 'created']);
});

test('tells that a stream does not exist in the words of the service', async (t) => {
  const local = await startEndpoint(t);
  const missing = await rejection(describe(controlClient(t, local), 'nobody'));
  assert.equal(missing, {
    name: 'ResourceNotFoundException',
    message: 'The requested stream is not found or not active.',
    status: 404,
  });
});

test('changes the retention period by hours, with the current version only', async (t) => {
  const { client } = await startWithStream(t, {}, { DataRetentionInHours: 2 });
  const before = await describe(client);
  const update = async (
    operation: 'INCREASE_DATA_RETENTION' | 'DECREASE_DATA_RETENTION',
    hours: number,
    version?: string,
  ): Promise<void> => {
    await client.send(
      new UpdateDataRetentionCommand({
        StreamName: 'cam',
        CurrentVersion: version ?? (await describe(client)).Version,
        Operation: operation,
        DataRetentionChangeInHours: hours,
      }),
    );
  };
  await update('INCREASE_DATA_RETENTION', 5);
  const after = await describe(client);
  assert.is(after.DataRetentionInHours, 7);
  assert.is.not(after.Version, before.Version);
  await update('DECREASE_DATA_RETENTION', 7);
  assert.is((await describe(client)).DataRetentionInHours, 0);

  const stale = await rejection(update('INCREASE_DATA_RETENTION', 1, before.Version));
  assert.is(stale.name, 'VersionMismatchException');
  const below = await rejection(update('DECREASE_DATA_RETENTION', 1));
  assert.is(below.name, 'InvalidArgumentException');
  assert.match(below.message, 'would be -1 hours (0 now); it must stay within 0 to 87600');
});

test('deletes by ARN, and never a later stream of the same name', async (t) => {
  const { client, streamArn } = await startWithStream(t);
  const wrong = new DeleteStreamCommand({ StreamARN: streamArn, CurrentVersion: 'abc' });
  assert.is((await rejection(client.send(wrong))).name, 'VersionMismatchException');
  await client.send(new DeleteStreamCommand({ StreamARN: streamArn }));
  assert.is((await rejection(describe(client))).name, 'ResourceNotFoundException');
  await client.send(new CreateStreamCommand({ StreamName: 'cam' }));
  const again = await rejection(client.send(new DeleteStreamCommand({ StreamARN: streamArn })));
  assert.is(again.name, 'ResourceNotFoundException');
  assert.is((await describe(client)).Status, 'ACTIVE');
});

test('lists streams by name in pages, and by prefix', async (t) => {
  const local = await startEndpoint(t);
  const client = controlClient(t, local);
  for (const name of ['b2', 'a1', 'b1', 'b3', 'c1']) {
    await client.send(new CreateStreamCommand({ StreamName: name }));
  }
  const names: (string | undefined)[] = [];
  let pages = 0;
  let token: string | undefined;
  do {
    const { StreamInfoList = [], NextToken } = await client.send(
      new ListStreamsCommand({ MaxResults: 2, NextToken: token }),
    );
    names.push(...StreamInfoList.map((info) => info.StreamName));
    token = NextToken;
    pages += 1;
  } while (token);
  assert.equal(names, ['a1', 'b1', 'b2', 'b3', 'c1']);
  assert.is(pages, 3);
  const { StreamInfoList } = await client.send(
    new ListStreamsCommand({
      StreamNameCondition: { ComparisonOperator: 'BEGINS_WITH', ComparisonValue: 'b' },
    }),
  );
  assert.equal(
    StreamInfoList?.map((info) => info.StreamName),
    ['b1', 'b2', 'b3'],
  );
});

test('adds, replaces and removes tags, up to 50', async (t) => {
  const { client } = await startWithStream(t, {}, { Tags: { a: '1', b: '2' } });
  const tags = async (): Promise<unknown> =>
    (await client.send(new ListTagsForStreamCommand({ StreamName: 'cam' }))).Tags;
  await client.send(new TagStreamCommand({ StreamName: 'cam', Tags: { b: '3', 'größe x': '' } }));
  assert.equal(await tags(), { a: '1', b: '3', 'größe x': '' });
  await client.send(new UntagStreamCommand({ StreamName: 'cam', TagKeyList: ['a', 'unknown'] }));
  assert.equal(await tags(), { b: '3', 'größe x': '' });

  const many = Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`key${i}`, '']));
  const over = await rejection(
    client.send(new TagStreamCommand({ StreamName: 'cam', Tags: many })),
  );
  assert.is(over.name, 'TagsPerResourceExceededLimitException');
  assert.equal(await tags(), { b: '3', 'größe x': '' });
  const reserved = new TagStreamCommand({ StreamName: 'cam', Tags: { 'aws:x': '' } });
  assert.match((await rejection(client.send(reserved))).message, "begins with 'aws:'");
});

test('gives its own address as data endpoint, under the name the client used', async (t) => {
  const { local, client } = await startWithStream(t);
  const command = new GetDataEndpointCommand({ StreamName: 'cam', APIName: 'PUT_MEDIA' });
  assert.is((await client.send(command)).DataEndpoint, local.endpoint);
  const { port } = new URL(local.endpoint);
  const byName = { ...local, endpoint: `http://localhost:${port}` };
  const { json } = await call(byName, '/getDataEndpoint', {
    StreamName: 'cam',
    APIName: 'GET_MEDIA',
  });
  assert.is(json['DataEndpoint'], `http://localhost:${port}`);
});

test('gives its own address to a client that leaves the port out of the host header', async (t) => {
  const { local } = await startWithStream(t);
  const input = { StreamName: 'cam', APIName: 'PUT_MEDIA' };
  const { json } = await call(local, '/getDataEndpoint', input, { headers: { host: '127.0.0.1' } });
  assert.is(json['DataEndpoint'], local.endpoint);
});

test('names the member, the value and the limit of an invalid argument', async (t) => {
  const { local } = await startWithStream(t);
  const stream = { StreamName: 'cam' };
  const cases: [path: string, input: object, message: string][] = [
    ['/createStream', {}, "Member 'StreamName' must not be absent or null"],
    [
      '/createStream',
      { StreamName: 'a b' },
      "Value 'a b' at 'StreamName' failed to satisfy constraint: it must match ^[a-zA-Z0-9_.-]+$",
    ],
    ['/createStream', { StreamName: 'x'.repeat(257) }, 'its length must be 1 to 256, not 257'],
    [
      '/createStream',
      { StreamName: 'x', DataRetentionInHours: 87601 },
      "Value '87601' at 'DataRetentionInHours' failed to satisfy constraint: it must be an integer from 0 to 87600",
    ],
    ['/createStream', { StreamName: 'x', DataRetentionInHours: 1.5 }, "Value '1.5'"],
    ['/createStream', { StreamName: 'x', MediaType: 'h264' }, "at 'MediaType'"],
    [
      '/createStream',
      { StreamName: 'x', StreamStorageConfiguration: { DefaultStorageTier: 'COLD' } },
      "Value 'COLD' at 'StreamStorageConfiguration.DefaultStorageTier' failed to satisfy constraint: it must be one of [HOT, WARM]",
    ],
    ['/createStream', { StreamName: 'x', Tags: { 'a*': '' } }, "at 'Tags (key)'"],
    [
      '/createStream',
      { StreamName: 'x', Tags: { a: 'v'.repeat(257) } },
      "at 'Tags.a' failed to satisfy constraint: its length must be 0 to 256",
    ],
    ['/describeStream', {}, 'Exactly one of StreamName and StreamARN must be given'],
    [
      '/describeStream',
      { ...stream, StreamARN: 'arn:aws:kinesisvideo:us-west-2:1:stream/cam/1' },
      'Exactly one',
    ],
    ['/describeStream', { StreamARN: 'arn:nonsense' }, "at 'StreamARN'"],
    ['/listStreams', { MaxResults: 0 }, "Value '0' at 'MaxResults'"],
    ['/listStreams', { NextToken: 'x' }, "Value 'x' at 'NextToken' is not a token"],
    ['/tagStream', { ...stream, Tags: {} }, 'it must have 1 to 50 entries'],
    ['/untagStream', { ...stream, TagKeyList: [] }, "Value '0 entries' at 'TagKeyList'"],
    [
      '/getDataEndpoint',
      { ...stream, APIName: 'PUT' },
      "Value 'PUT' at 'APIName' failed to satisfy constraint: it must be one of [PUT_MEDIA, GET_MEDIA",
    ],
    [
      '/updateDataRetention',
      {
        ...stream,
        CurrentVersion: 'a',
        Operation: 'INCREASE_DATA_RETENTION',
        DataRetentionChangeInHours: 0,
      },
      "at 'DataRetentionChangeInHours'",
    ],
  ];
  for (const [path, input, expected] of cases) {
    const { status, headers, json } = await call(local, path, input);
    const message = String(json['Message']);
    assert.equal([status, headers['x-amzn-errortype']], [400, 'InvalidArgumentException'], message);
    assert.match(message, expected);
  }
});

test('refuses a body that is not a JSON object of the right types', async (t) => {
  const { local } = await startWithStream(t);
  for (const body of ['{', '[]', '"x"', '{"StreamName":5}', '{"StreamName":["cam"]}']) {
    const { status, headers } = await call(local, '/describeStream', body);
    assert.equal([status, headers['x-amzn-errortype']], [400, 'SerializationException'], body);
  }
  const list = await call(local, '/untagStream', { StreamName: 'cam', TagKeyList: [1] });
  assert.match(String(list.json['Message']), "Member 'TagKeyList.0' must be a string");
});

test('answers at an unknown path with status 200 and an exception, as the service does', async (t) => {
  const { local } = await startWithStream(t);
  for (const path of ['/DescribeStream', '/nonsense', '/']) {
    const { status, body } = await call(local, path);
    assert.is(status, 200);
    assert.is(
      body.toString(),
      '{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}',
    );
  }
});

test('keeps streams whose names are no good file names', async (t) => {
  const dataDir = temporaryFolder(t);
  const first = await startEndpoint(t, { dataDir });
  const names = [
    '..',
    '.',
    '.hidden',
    'Cam',
    'cam',
    'nul.a',
    'x'.repeat(256),
    `${'x'.repeat(255)}y`,
  ];
  for (const name of names) await call(first, '/createStream', { StreamName: name });
  await first.close();
  const folders = readdirSync(join(dataDir, 'fragments'));
  assert.is(new Set(folders.map((folder) => folder.toLowerCase())).size, names.length);
  const second = await startEndpoint(t, { dataDir });
  const { StreamInfoList } = await controlClient(t, second).send(new ListStreamsCommand({}));
  assert.equal(
    StreamInfoList?.map((info) => info.StreamName),
    [...names].sort(),
  );
});
