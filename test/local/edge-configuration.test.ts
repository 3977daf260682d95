import {
  CreateStreamCommand,
  DeleteEdgeConfigurationCommand,
  DescribeEdgeConfigurationCommand,
  ListEdgeAgentConfigurationsCommand,
  StartEdgeConfigurationUpdateCommand,
  type DescribeEdgeConfigurationCommandOutput,
  type EdgeConfig,
  type KinesisVideoClient,
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

const test = suite('Edge configuration');

const HUB = 'arn:aws:iot:us-west-2:111122223333:thing/hub';
const SECRET = 'arn:aws:secretsmanager:us-west-2:111122223333:secret:cameras/door-AbCdEf';
const LEAST: EdgeConfig = {
  HubDeviceArn: HUB,
  RecorderConfig: { MediaSourceConfig: { MediaUriSecretArn: SECRET, MediaUriType: 'RTSP_URI' } },
};
const SCHEDULE = { ScheduleExpression: '0 0 8 ? * 2-6 *', DurationInSeconds: 3600 };
const FULL: EdgeConfig = {
  HubDeviceArn: HUB,
  RecorderConfig: {
    MediaSourceConfig: { MediaUriSecretArn: SECRET, MediaUriType: 'FILE_URI' },
    ScheduleConfig: SCHEDULE,
  },
  UploaderConfig: { ScheduleConfig: SCHEDULE },
  DeletionConfig: {
    EdgeRetentionInHours: 720,
    LocalSizeConfig: { MaxLocalMediaSizeInMB: 64, StrategyOnFullSize: 'DENY_NEW_MEDIA' },
    DeleteAfterUpload: false,
  },
};

async function startUpdate(
  client: KinesisVideoClient,
  EdgeConfig: EdgeConfig,
  StreamName = 'cam',
): Promise<DescribeEdgeConfigurationCommandOutput> {
  return await client.send(new StartEdgeConfigurationUpdateCommand({ StreamName, EdgeConfig }));
}

async function describe(
  client: KinesisVideoClient,
  StreamName = 'cam',
): Promise<DescribeEdgeConfigurationCommandOutput> {
  return await client.send(new DescribeEdgeConfigurationCommand({ StreamName }));
}

async function remove(client: KinesisVideoClient): Promise<void> {
  await client.send(new DeleteEdgeConfigurationCommand({ StreamName: 'cam' }));
}

/** An endpoint with the stream `cam`, whose clock the test sets. */
async function startWithClock(
  t: TestContext,
  dataDir?: string,
): Promise<{ client: KinesisVideoClient; close: () => Promise<void>; clock: { offset: number } }> {
  const clock = { offset: 0 };
  const started = Date.now();
  const { local, client } = await startWithStream(t, {
    lifecycleDelay: 1000,
    now: () => started + clock.offset,
    ...(dataDir !== undefined && { dataDir }),
  });
  clock.offset = 1000;
  return { client, close: () => local.close(), clock };
}

test('a configuration goes from SYNCING to IN_SYNC, and is changed only then', async (t) => {
  const { client, clock } = await startWithClock(t);
  const first = await startUpdate(client, LEAST);
  assert.is(first.SyncStatus, 'SYNCING');
  assert.equal(first.EdgeConfig, LEAST);
  assert.is((await describe(client)).SyncStatus, 'SYNCING');
  const early = await rejection(startUpdate(client, FULL));
  assert.equal([early.name, early.status], ['ResourceInUseException', 400]);
  clock.offset += 1000;
  assert.is((await describe(client)).SyncStatus, 'ACKNOWLEDGED');
  assert.is((await rejection(startUpdate(client, FULL))).name, 'ResourceInUseException');
  clock.offset += 1000;
  const before = await describe(client);
  assert.is(before.SyncStatus, 'IN_SYNC');
  assert.equal(before.LastUpdatedTime, before.CreationTime);

  await startUpdate(client, FULL);
  clock.offset += 2000;
  const after = await describe(client);
  assert.equal([after.SyncStatus, after.StreamName], ['IN_SYNC', 'cam']);
  assert.equal(after.EdgeConfig, FULL);
  assert.equal(after.CreationTime, before.CreationTime);
  assert.is((after.LastUpdatedTime?.getTime() ?? 0) - (after.CreationTime?.getTime() ?? 0), 2000);
});

test('a configuration is DELETING, then gone, and a new one may name another device', async (t) => {
  const { client, clock } = await startWithClock(t);
  const missing = await rejection(describe(client));
  assert.equal([missing.name, missing.status], ['StreamEdgeConfigurationNotFoundException', 404]);
  assert.is((await rejection(remove(client))).name, 'StreamEdgeConfigurationNotFoundException');
  await startUpdate(client, LEAST);
  clock.offset += 2000;
  const other = { ...LEAST, HubDeviceArn: `${HUB}2` };
  const refused = await rejection(startUpdate(client, other));
  assert.is(refused.name, 'InvalidArgumentException');
  assert.match(refused.message, 'call DeleteEdgeConfiguration first');

  await remove(client);
  await remove(client);
  assert.is((await describe(client)).SyncStatus, 'DELETING');
  assert.is((await rejection(startUpdate(client, other))).name, 'ResourceInUseException');
  clock.offset += 1000;
  assert.is((await describe(client)).SyncStatus, 'DELETING_ACKNOWLEDGED');
  clock.offset += 1000;
  const gone = await rejection(describe(client));
  assert.is(gone.name, 'StreamEdgeConfigurationNotFoundException');
  const { CreationTime, EdgeConfig } = await startUpdate(client, other);
  assert.is(EdgeConfig?.HubDeviceArn, `${HUB}2`);
  assert.ok(CreationTime);
});

test('without a life-cycle delay the change is made at once', async (t) => {
  const { client } = await startWithStream(t);
  assert.is((await startUpdate(client, LEAST)).SyncStatus, 'SYNCING');
  assert.is((await describe(client)).SyncStatus, 'IN_SYNC');
  await remove(client);
  assert.is((await rejection(describe(client))).name, 'StreamEdgeConfigurationNotFoundException');
});

test('a configuration outlives the endpoint', async (t) => {
  const dataDir = temporaryFolder(t);
  const { client, close } = await startWithClock(t, dataDir);
  await startUpdate(client, FULL);
  await close();
  const again = controlClient(t, await startEndpoint(t, { dataDir }));
  assert.equal((await describe(again)).EdgeConfig, FULL);
});

test('the configurations of a device are listed in pages', async (t) => {
  const local = await startEndpoint(t);
  const client = controlClient(t, local);
  for (let i = 0; i < 8; i += 1) {
    const StreamName = `cam${i}`;
    await client.send(new CreateStreamCommand({ StreamName, DataRetentionInHours: 1 }));
    const HubDeviceArn = i === 3 ? `${HUB}2` : HUB;
    await startUpdate(client, { ...LEAST, HubDeviceArn }, StreamName);
  }
  const pages: string[][] = [];
  let NextToken: string | undefined;
  do {
    const answer = await client.send(
      new ListEdgeAgentConfigurationsCommand({ HubDeviceArn: HUB, NextToken }),
    );
    pages.push((answer.EdgeConfigs ?? []).map(({ StreamName }) => StreamName ?? ''));
    NextToken = answer.NextToken;
  } while (NextToken);
  assert.equal(pages, [
    ['cam0', 'cam1', 'cam2', 'cam4', 'cam5'],
    ['cam6', 'cam7'],
  ]);
  const none = { HubDeviceArn: `${HUB}3`, MaxResults: 10 };
  assert.equal((await client.send(new ListEdgeAgentConfigurationsCommand(none))).EdgeConfigs, []);
});

test('a stream without retention has no edge configuration', async (t) => {
  const { client } = await startWithStream(t, {}, { DataRetentionInHours: 0 });
  const refused = await rejection(startUpdate(client, LEAST));
  assert.equal([refused.name, refused.status], ['NoDataRetentionException', 400]);
});

test('a value that is out of range is refused with its member and its limit', async (t) => {
  const { local } = await startWithStream(t);
  const recorder = { MediaSourceConfig: LEAST.RecorderConfig?.MediaSourceConfig };
  const edge = (change: object): object => ({ EdgeConfig: { ...LEAST, ...change } });
  const source = (change: object): object =>
    edge({ RecorderConfig: { MediaSourceConfig: { ...recorder.MediaSourceConfig, ...change } } });
  const schedule = (change: object): object =>
    edge({ UploaderConfig: { ScheduleConfig: { ...SCHEDULE, ...change } } });
  const deletion = (change: object): object => edge({ DeletionConfig: change });
  const cases: [input: object, message: string][] = [
    [{}, "Member 'EdgeConfig' must not be absent"],
    [edge({ HubDeviceArn: 'hub' }), "at 'EdgeConfig.HubDeviceArn'"],
    [edge({ RecorderConfig: null }), "Member 'EdgeConfig.RecorderConfig' must not be absent"],
    [source({ MediaUriType: 'HTTP' }), 'one of [RTSP_URI, FILE_URI]'],
    [source({ MediaUriSecretArn: 'secret-of-the-camera' }), '.MediaSourceConfig.MediaUriSecretArn'],
    [schedule({ ScheduleExpression: '0 * * * *' }), 'its length must be 11 to 100, not 9'],
    [schedule({ DurationInSeconds: 59 }), 'it must be an integer from 60 to 3600'],
    [edge({ UploaderConfig: {} }), "'EdgeConfig.UploaderConfig.ScheduleConfig' must not be absent"],
    [deletion({ EdgeRetentionInHours: 721 }), 'it must be an integer from 1 to 720'],
    [deletion({ LocalSizeConfig: { MaxLocalMediaSizeInMB: 63 } }), 'from 64 to 2000000'],
    [deletion({ LocalSizeConfig: { StrategyOnFullSize: 'STOP' } }), 'DELETE_OLDEST_MEDIA, DENY_'],
  ];
  for (const [input, expected] of cases) {
    const body = { StreamName: 'cam', ...input };
    const { status, headers, json } = await call(local, '/startEdgeConfigurationUpdate', body);
    const message = String(json['Message']);
    assert.equal([status, headers['x-amzn-errortype']], [400, 'InvalidArgumentException'], message);
    assert.ok(message.includes(expected), `${message} / ${expected}`);
  }
  const mistyped = { StreamName: 'cam', ...deletion({ DeleteAfterUpload: 'yes' }) };
  const { headers } = await call(local, '/startEdgeConfigurationUpdate', mistyped);
  assert.is(headers['x-amzn-errortype'], 'SerializationException');
  for (const input of [{}, { HubDeviceArn: HUB, MaxResults: 11 }]) {
    const { status } = await call(local, '/listEdgeAgentConfigurations', input);
    assert.is(status, 400);
  }
});
