import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeNotificationConfigurationCommand,
  DescribeStreamCommand,
  GetDataEndpointCommand,
  type KinesisVideoClient,
  ListStreamsCommand,
} from '@aws-sdk/client-kinesis-video';
import * as assert from 'uvu/assert';
import type { LocalPermission } from '../../ts/local/index.js';
import { permits } from '../../ts/local/permissions.js';
import { suite, type TestContext } from '../support/suite.js';
import { controlClient, CREDENTIALS, rejection, startWithStream } from './support/endpoint.js';
import { call } from './support/http.js';
import { TestPutMedia } from './support/put-media.js';

const test = suite('Permissions');

const KEY = { accessKeyId: 'camera', secretAccessKey: 'secret' };

/** An endpoint with the streams `cam` and `yard`, and a key that has only what it is allowed. */
async function start(t: TestContext, allow: readonly LocalPermission[]) {
  const { local, client, streamArn } = await startWithStream(t, {
    credentials: [CREDENTIALS, { ...KEY, allow }],
  });
  const { StreamARN: yardArn } = await client.send(
    new CreateStreamCommand({ StreamName: 'yard', DataRetentionInHours: 1 }),
  );
  return { local, streamArn, yardArn, limited: controlClient(t, local, KEY) };
}

const describe = (client: KinesisVideoClient, StreamName: string): Promise<unknown> =>
  client.send(new DescribeStreamCommand({ StreamName }));

test('a key with a list may do what is on it, with the streams that it names', async (t) => {
  const { local, limited } = await start(t, [
    { actions: ['kinesisvideo:PutMedia', 'DescribeStream', 'Get*'], streams: ['c?m*'] },
  ]);
  await describe(limited, 'cam');
  await limited.send(new GetDataEndpointCommand({ StreamName: 'cam', APIName: 'PUT_MEDIA' }));
  const signing = { credentials: KEY };
  const { response } = await TestPutMedia.open(t, local, { signing });
  assert.is(response.statusCode, 200);
  const other = await TestPutMedia.open(t, local, {
    signing,
    headers: { 'x-amzn-stream-name': 'yard' },
  });
  assert.is(other.response.statusCode, 401);

  const refusedStream = await rejection(describe(limited, 'yard'));
  assert.equal([refusedStream.name, refusedStream.status], ['NotAuthorizedException', 401]);
  assert.match(
    refusedStream.message,
    /^User: arn:aws:iam::000000000000:user\/camera is not authorized to perform: kinesisvideo:DescribeStream on resource: arn:aws:kinesisvideo:us-west-2:000000000000:stream\/yard\/\d+$/,
  );
  const list = await rejection(limited.send(new ListStreamsCommand({})));
  assert.equal([list.name, list.status], ['AccessDeniedException', 401]);
  assert.match(list.message, /kinesisvideo:ListStreams on resource: \*$/);
  const configuration = new DescribeNotificationConfigurationCommand({ StreamName: 'cam' });
  const denied = await rejection(limited.send(configuration));
  assert.is(denied.name, 'AccessDeniedException');
});

test('what may not be done says nothing about whether the stream exists', async (t) => {
  const { limited } = await start(t, [{ actions: ['*'], streams: ['cam'] }]);
  const create = await rejection(limited.send(new CreateStreamCommand({ StreamName: 'new' })));
  assert.is(create.name, 'AccessDeniedException');
  assert.match(create.message, ':stream/new/*');
  assert.is((await rejection(describe(limited, 'nobody'))).name, 'NotAuthorizedException');
});

test('a request that names two streams needs the permission for both', async (t) => {
  const { local, limited, streamArn, yardArn } = await start(t, [
    { actions: ['*'], streams: ['cam'] },
  ]);
  const deletion = await rejection(limited.send(new DeleteStreamCommand({ StreamARN: yardArn })));
  assert.is(deletion.name, 'NotAuthorizedException');
  const tricks: [path: string, body: object, headers?: Record<string, string>][] = [
    ['/deleteStream', { StreamName: 'cam', StreamARN: yardArn }],
    ['/deleteStream', { StreamARN: yardArn }, { 'x-amzn-stream-name': 'cam' }],
    ['/UntagResource', { StreamName: 'cam', ResourceARN: yardArn, TagKeyList: ['a'] }],
    ['/UntagResource', { StreamARN: streamArn, ResourceARN: yardArn, TagKeyList: ['a'] }],
  ];
  for (const [path, body, headers = {}] of tricks) {
    const { status } = await call(local, path, body, { credentials: KEY, headers });
    assert.is(status, 401, path);
  }
  await limited.send(new DeleteStreamCommand({ StreamARN: streamArn }));
});

test('patterns are of names or of ARNs, and actions are the same in whatever case', () => {
  const arn = 'arn:aws:kinesisvideo:us-west-2:000000000000:stream/cam/1705489836421';
  const put = { operation: 'PutMedia', streamName: 'cam' };
  const cases: [LocalPermission, boolean][] = [
    [{ actions: ['*'] }, true],
    [{ actions: ['kinesisvideo:*'] }, true],
    [{ actions: ['KinesisVideo:putmedia'] }, true],
    [{ actions: ['kinesisvideo:Put'] }, false],
    [{ actions: ['s3:*'] }, false],
    [{ actions: ['Put????a'] }, true],
    [{ actions: ['*'], streams: ['arn:aws:kinesisvideo:*:*:stream/cam/*'] }, true],
    [{ actions: ['*'], streams: ['arn:aws:kinesisvideo:eu-west-1:*:stream/cam/*'] }, false],
    [{ actions: ['*'], streams: ['c.m', 'ca', 'cams'] }, false],
  ];
  for (const [permission, expected] of cases) {
    assert.is(permits([permission], put, arn), expected, JSON.stringify(permission));
  }
  assert.not(permits([], put, arn));
  assert.ok(permits([{ actions: ['List*'] }], { operation: 'ListStreams' }, '*'));
  const limited = { actions: ['List*'], streams: ['cam'] };
  assert.not(permits([limited], { operation: 'ListStreams' }, '*'));
});
