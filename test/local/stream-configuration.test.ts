import {
  CreateStreamCommand,
  DescribeImageGenerationConfigurationCommand,
  DescribeMappedResourceConfigurationCommand,
  DescribeNotificationConfigurationCommand,
  DescribeStreamCommand,
  DescribeStreamStorageConfigurationCommand,
  ListSignalingChannelsCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateImageGenerationConfigurationCommand,
  UpdateNotificationConfigurationCommand,
  UpdateStreamCommand,
  UpdateStreamStorageConfigurationCommand,
  type ImageGenerationConfiguration,
  type KinesisVideoClient,
  type NotificationConfiguration,
  type StreamInfo,
  type UpdateStreamCommandInput,
} from '@aws-sdk/client-kinesis-video';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import {
  controlClient,
  rejection,
  startEndpoint,
  startWithStream,
  temporaryFolder,
} from './support/endpoint.js';
import { call } from './support/http.js';

const test = suite('Stream configuration');

const TOPIC = 'arn:aws:sns:us-west-2:111122223333:door';
const NOTIFICATION: NotificationConfiguration = {
  Status: 'ENABLED',
  DestinationConfig: { Uri: TOPIC },
};
const IMAGES: ImageGenerationConfiguration = {
  Status: 'ENABLED',
  ImageSelectorType: 'PRODUCER_TIMESTAMP',
  DestinationConfig: { Uri: 's3://bucket/prefix', DestinationRegion: 'us-west-2' },
  SamplingInterval: 200,
  Format: 'JPEG',
  FormatConfig: { JPEGQuality: '100' },
  WidthPixels: 320,
  HeightPixels: 240,
};

async function describe(client: KinesisVideoClient): Promise<StreamInfo> {
  const { StreamInfo } = await client.send(new DescribeStreamCommand({ StreamName: 'cam' }));
  assert.ok(StreamInfo);
  return StreamInfo;
}

async function notificationOf(client: KinesisVideoClient): Promise<unknown> {
  const command = new DescribeNotificationConfigurationCommand({ StreamName: 'cam' });
  return (await client.send(command)).NotificationConfiguration;
}

async function imagesOf(client: KinesisVideoClient): Promise<unknown> {
  const command = new DescribeImageGenerationConfigurationCommand({ StreamName: 'cam' });
  return (await client.send(command)).ImageGenerationConfiguration;
}

test('UpdateStream changes what is given, with a new version, and the stream is UPDATING', async (t) => {
  let offset = 0;
  const local = await startEndpoint(t, { lifecycleDelay: 5000, now: () => Date.now() + offset });
  const client = controlClient(t, local);
  const MediaType = 'video/h264';
  await client.send(new CreateStreamCommand({ StreamName: 'cam', DeviceName: 'pi', MediaType }));
  const update = async (change: Partial<UpdateStreamCommandInput>): Promise<void> => {
    const CurrentVersion = (await describe(client)).Version;
    await client.send(new UpdateStreamCommand({ StreamName: 'cam', CurrentVersion, ...change }));
  };
  const early = await rejection(update({ DeviceName: 'pi2' }));
  assert.is(early.name, 'ResourceInUseException');
  offset += 5000;
  const before = await describe(client);
  await update({ DeviceName: 'pi2' });
  const during = await describe(client);
  assert.equal(
    [during.Status, during.DeviceName, during.MediaType],
    ['UPDATING', 'pi2', 'video/h264'],
  );
  assert.is.not(during.Version, before.Version);
  offset += 5000;
  await update({ MediaType: 'video/h265' });
  offset += 5000;
  const after = await describe(client);
  assert.equal([after.Status, after.DeviceName, after.MediaType], ['ACTIVE', 'pi2', 'video/h265']);

  const stale = await rejection(update({ CurrentVersion: before.Version, DeviceName: 'pi3' }));
  assert.equal([stale.name, stale.status], ['VersionMismatchException', 400]);
  const unknown = await rejection(update({ StreamName: 'nobody' }));
  assert.is(unknown.name, 'ResourceNotFoundException');
});

test('the storage tier is described and changed', async (t) => {
  const { client, streamArn } = await startWithStream(t);
  const tier = async (): Promise<unknown> => {
    const command = new DescribeStreamStorageConfigurationCommand({ StreamARN: streamArn });
    const { StreamName, StreamARN, StreamStorageConfiguration } = await client.send(command);
    assert.equal([StreamName, StreamARN], ['cam', streamArn]);
    return StreamStorageConfiguration;
  };
  assert.equal(await tier(), { DefaultStorageTier: 'HOT' });
  const { Version } = await describe(client);
  const change = new UpdateStreamStorageConfigurationCommand({
    StreamName: 'cam',
    CurrentVersion: Version,
    StreamStorageConfiguration: { DefaultStorageTier: 'WARM' },
  });
  await client.send(change);
  assert.equal(await tier(), { DefaultStorageTier: 'WARM' });
  assert.is((await rejection(client.send(change))).name, 'VersionMismatchException');
});

test('a configuration of notifications is set, described and taken away', async (t) => {
  const { client } = await startWithStream(t);
  assert.not(await notificationOf(client));
  const { Version } = await describe(client);
  const update = async (configuration?: NotificationConfiguration): Promise<void> => {
    await client.send(
      new UpdateNotificationConfigurationCommand({
        StreamName: 'cam',
        NotificationConfiguration: configuration,
      }),
    );
  };
  await update(NOTIFICATION);
  assert.equal(await notificationOf(client), NOTIFICATION);
  await update({ ...NOTIFICATION, Status: 'DISABLED' });
  assert.equal(await notificationOf(client), { ...NOTIFICATION, Status: 'DISABLED' });
  await update();
  assert.not(await notificationOf(client));
  assert.is((await describe(client)).Version, Version);
});

test('a configuration of images is set, described and taken away', async (t) => {
  const { client } = await startWithStream(t);
  assert.not(await imagesOf(client));
  const update = async (configuration?: ImageGenerationConfiguration): Promise<void> => {
    await client.send(
      new UpdateImageGenerationConfigurationCommand({
        StreamName: 'cam',
        ImageGenerationConfiguration: configuration,
      }),
    );
  };
  await update(IMAGES);
  assert.equal(await imagesOf(client), IMAGES);
  const { FormatConfig, WidthPixels, HeightPixels, ...least } = IMAGES;
  assert.ok(FormatConfig && WidthPixels && HeightPixels);
  await update({ ...least, Format: 'PNG' });
  assert.equal(await imagesOf(client), { ...least, Format: 'PNG' });
  await update();
  assert.not(await imagesOf(client));
});

test('a stream without retention is configured for neither', async (t) => {
  const { client } = await startWithStream(t, {}, { DataRetentionInHours: 0 });
  const refusals = [
    client.send(
      new UpdateNotificationConfigurationCommand({
        StreamName: 'cam',
        NotificationConfiguration: NOTIFICATION,
      }),
    ),
    client.send(
      new UpdateImageGenerationConfigurationCommand({
        StreamName: 'cam',
        ImageGenerationConfiguration: IMAGES,
      }),
    ),
  ].map(rejection);
  for (const { name, message, status } of await Promise.all(refusals)) {
    assert.equal([name, status], ['NoDataRetentionException', 400]);
    assert.match(message, "The data retention of the stream 'cam' is 0 hours");
  }
  // Taking away what there is not is no error.
  await client.send(new UpdateNotificationConfigurationCommand({ StreamName: 'cam' }));
});

test('configurations outlive the endpoint', async (t) => {
  const dataDir = temporaryFolder(t);
  const { local, client } = await startWithStream(t, { dataDir });
  await client.send(
    new UpdateNotificationConfigurationCommand({
      StreamName: 'cam',
      NotificationConfiguration: NOTIFICATION,
    }),
  );
  await client.send(
    new UpdateImageGenerationConfigurationCommand({
      StreamName: 'cam',
      ImageGenerationConfiguration: IMAGES,
    }),
  );
  await local.close();
  const again = controlClient(t, await startEndpoint(t, { dataDir }));
  assert.equal(await notificationOf(again), NOTIFICATION);
  assert.equal(await imagesOf(again), IMAGES);
});

test('a value that is out of range is refused with its member and its limit', async (t) => {
  const { local } = await startWithStream(t);
  const notify = (change: object): object => ({
    StreamName: 'cam',
    NotificationConfiguration: { ...NOTIFICATION, ...change },
  });
  const images = (change: object): object => ({
    StreamName: 'cam',
    ImageGenerationConfiguration: { ...IMAGES, ...change },
  });
  const uri = (text: string): object => ({ DestinationConfig: { Uri: text } });
  const place = (Uri: string, DestinationRegion?: string): object =>
    images({ DestinationConfig: { Uri, DestinationRegion } });
  const cases: [operation: string, input: object, message: string][] = [
    ['updateStream', { StreamName: 'cam' }, "Member 'CurrentVersion' must not be absent"],
    ['updateStream', { StreamName: 'cam', CurrentVersion: 'a-b' }, "at 'CurrentVersion'"],
    [
      'updateStream',
      { StreamName: 'cam', CurrentVersion: 'a', DeviceName: 'x'.repeat(129) },
      "at 'DeviceName' failed to satisfy constraint: its length must be 1 to 128",
    ],
    [
      'updateStreamStorageConfiguration',
      { StreamName: 'cam', CurrentVersion: 'a' },
      "Member 'StreamStorageConfiguration' must not be absent",
    ],
    [
      'updateStreamStorageConfiguration',
      { StreamName: 'cam', CurrentVersion: 'a', StreamStorageConfiguration: {} },
      "Member 'StreamStorageConfiguration.DefaultStorageTier' must not be absent",
    ],
    ['updateNotificationConfiguration', notify({ Status: 'ON' }), 'one of [ENABLED, DISABLED]'],
    [
      'updateNotificationConfiguration',
      notify({ DestinationConfig: null }),
      "Member 'NotificationConfiguration.DestinationConfig' must not be absent",
    ],
    ['updateNotificationConfiguration', notify(uri('x')), "'NotificationConfiguration.Destina"],
    ['updateNotificationConfiguration', notify(uri(`${TOPIC}.fifo`)), 'a standard SNS topic'],
    ['updateNotificationConfiguration', notify(uri('http://localhost')), 'a standard SNS topic'],
    ['updateNotificationConfiguration', notify(uri('a'.repeat(256))), 'must be 1 to 255, not 256'],
    ['updateImageGenerationConfiguration', images({ SamplingInterval: 199 }), 'from 200 to'],
    ['updateImageGenerationConfiguration', images({ Format: 'GIF' }), 'one of [JPEG, PNG]'],
    ['updateImageGenerationConfiguration', images({ WidthPixels: 3841 }), 'from 1 to 3840'],
    ['updateImageGenerationConfiguration', images({ HeightPixels: 0 }), 'from 1 to 2160'],
    [
      'updateImageGenerationConfiguration',
      images({ FormatConfig: { JPEGQuality: '101' } }),
      "Value '101' at 'ImageGenerationConfiguration.FormatConfig.JPEGQuality'",
    ],
    ['updateImageGenerationConfiguration', images({ FormatConfig: { Q: '1' } }), '(key)'],
    ['updateImageGenerationConfiguration', images({ ImageSelectorType: null }), 'ImageSelectorT'],
    ['updateImageGenerationConfiguration', place('s3://bucket', 'eu-west-1'), 'not the region of'],
    ['updateImageGenerationConfiguration', place('s3://bucket'), "DestinationRegion' must not be"],
    ['updateImageGenerationConfiguration', place('file://tmp', 'us-west-2'), 's3://bucket/prefix'],
    ['describeMappedResourceConfiguration', { StreamName: 'cam', MaxResults: 2 }, 'from 1 to 1'],
    ['TagResource', { ResourceARN: 'arn:x', Tags: [] }, "Value '0 entries' at 'Tags'"],
    ['listTagsForStream', { StreamName: 'cam', NextToken: 'YQ==' }, 'not a token of this'],
  ];
  for (const [operation, input, expected] of cases) {
    const { status, headers, json } = await call(local, `/${operation}`, input);
    const message = String(json['Message']);
    assert.equal([status, headers['x-amzn-errortype']], [400, 'InvalidArgumentException'], message);
    assert.ok(message.includes(expected), `${message} / ${expected}`);
  }
});

test('every operation of a configuration tells that a stream does not exist', async (t) => {
  const local = await startEndpoint(t);
  const StreamName = 'nobody';
  for (const [operation, input] of Object.entries({
    updateStream: { CurrentVersion: 'a' },
    describeNotificationConfiguration: {},
    updateNotificationConfiguration: {},
    describeImageGenerationConfiguration: {},
    updateImageGenerationConfiguration: {},
    describeStreamStorageConfiguration: {},
    updateStreamStorageConfiguration: {
      CurrentVersion: 'a',
      StreamStorageConfiguration: { DefaultStorageTier: 'HOT' },
    },
    describeMappedResourceConfiguration: {},
  })) {
    const { status, headers } = await call(local, `/${operation}`, { StreamName, ...input });
    const error = headers['x-amzn-errortype'];
    assert.equal([status, error], [404, 'ResourceNotFoundException'], operation);
  }
});

test('the operations for tags of any resource take the ARN of a stream', async (t) => {
  const { client, streamArn } = await startWithStream(t, {}, { Tags: { a: '1' } });
  const Tags = [
    { Key: 'a', Value: '2' },
    { Key: 'b', Value: '' },
  ];
  const list = async (): Promise<unknown> =>
    (await client.send(new ListTagsForResourceCommand({ ResourceARN: streamArn }))).Tags;
  await client.send(new TagResourceCommand({ ResourceARN: streamArn, Tags }));
  assert.equal(await list(), { a: '2', b: '' });
  await client.send(new UntagResourceCommand({ ResourceARN: streamArn, TagKeyList: ['a'] }));
  assert.equal(await list(), { b: '' });

  const channel = streamArn.replace(':stream/', ':channel/');
  const refused = await rejection(
    client.send(new TagResourceCommand({ ResourceARN: channel, Tags })),
  );
  assert.is(refused.name, 'InvalidArgumentException');
  assert.match(refused.message, 'is not the ARN of a stream');
  const reserved = [{ Key: 'aws:x', Value: '' }];
  const command = new TagResourceCommand({ ResourceARN: streamArn, Tags: reserved });
  assert.match((await rejection(client.send(command))).message, "begins with 'aws:'");
  const many = Array.from({ length: 50 }, (_, i) => ({ Key: `key${i}`, Value: '' }));
  const over = new TagResourceCommand({ ResourceARN: streamArn, Tags: many });
  assert.is((await rejection(client.send(over))).name, 'TagsPerResourceExceededLimitException');
});

test('WebRTC is refused in clear words, and no stream is mapped to it', async (t) => {
  const { client } = await startWithStream(t);
  const refused = await rejection(client.send(new ListSignalingChannelsCommand({})));
  assert.is(refused.name, 'InvalidArgumentException');
  assert.match(refused.message, 'The local endpoint has no signaling channels');
  const command = new DescribeMappedResourceConfigurationCommand({ StreamName: 'cam' });
  assert.equal((await client.send(command)).MappedResourceConfigurationList, []);
});
