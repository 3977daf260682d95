import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import { resolveCredentials } from '../../ts/credentials/index.js';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { ClockSkew, ControlPlane } from '../../ts/service/index.js';
import { Dialer } from '../../ts/network/index.js';
import { suite } from '../support/suite.js';
import { until } from './connections.js';
import {
  controlPlane,
  describe,
  failure,
  fakeControlPlane,
  notFound,
} from './fake-control-plane.js';
import { canary, closedPort, refuse, serveHttp, serveTcp } from './servers.js';

const test = suite('ControlPlane', { timeout: 15_000 });

test('a stream is described in our terms and nulls are left out', async (t) => {
  const fake = await fakeControlPlane(t, { describeStream: () => describe() });
  assert.equal(await controlPlane(t, fake.url).describeStream('cam1'), {
    streamName: 'cam1',
    streamArn: 'arn:aws:kinesisvideo:us-west-2:111122223333:stream/cam1/1705489836421',
    status: 'ACTIVE',
    version: 'davN9FKg4vjyKdCSs0f4',
    retentionPeriod: 24,
    creationTime: 1_705_489_836_421,
    mediaType: 'video/h264',
  });
  const [call] = fake.calls;
  assert.equal(call?.body, { StreamName: 'cam1' });
  assert.match(
    call?.headers.authorization ?? '',
    /Credential=AKIDEXAMPLE\/\d{8}\/us-west-2\/kinesisvideo\/aws4_request/,
  );
});

test('the user agent names the application, and the endpoint may come from the environment', async (t) => {
  const fake = await fakeControlPlane(t, { describeStream: notFound });
  process.env['AWS_ENDPOINT_URL'] = fake.url;
  t.after(() => Reflect.deleteProperty(process.env, 'AWS_ENDPOINT_URL'));
  await controlPlane(t, undefined, { userAgent: 'kiosk/7' }).describeStream('cam1');
  assert.match(fake.calls[0]?.headers['user-agent'] ?? '', /kiosk\/7/);
});

test('a stream that does not exist is undefined', async (t) => {
  const fake = await fakeControlPlane(t, { describeStream: notFound });
  assert.is(await controlPlane(t, fake.url).describeStream('cam1'), undefined);
});

test('an https endpoint with a private authority is reached with `ca`', async (t) => {
  const fake = await fakeControlPlane(t, { describeStream: notFound }, { tls: true });
  assert.is(await controlPlane(t, fake.url).describeStream('cam1'), undefined);
  const untrusting = controlPlane(t, fake.url, { dialer: new Dialer() });
  assert.match((await failure(untrusting.describeStream('cam1'))).message, /not trusted/);
});

test('an answer of something else than the service is told from a stream', async (t) => {
  const unknownOperation = { Output: { __type: 'x#UnknownOperationException' }, Version: '1.0' };
  const fake = await fakeControlPlane(t, { describeStream: () => unknownOperation });
  const error = await failure(controlPlane(t, fake.url).describeStream('cam1'));
  assert.match(error.message, /DescribeStream .* has no StreamInfo: check that the endpoint/);
});

test('an error page of a proxy becomes an error with the HTTP status', async (t) => {
  const server = await serveHttp(t, (_request, response) => {
    response.writeHead(403, { 'content-type': 'text/html' }).end('<html>blocked</html>');
  });
  const error = await failure(controlPlane(t, server.url).describeStream('cam1'));
  assert.is(error.code, 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR');
  assert.match(error.message, /HTTP 403/);
});

test('a denied call names operation, stream, region and the IAM action', async (t) => {
  const fake = await fakeControlPlane(t, {
    describeStream: (_call, response) => {
      refuse(response, 401, 'NotAuthorizedException', 'User: x is not authorized');
    },
  });
  const error = await failure(controlPlane(t, fake.url).describeStream('cam1'));
  assert.is(error.code, 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR');
  assert.is(error.retryable, false);
  assert.is(error.requestId, 'request-4711');
  assert.match(
    error.message,
    /DescribeStream on stream "cam1" in us-west-2 .*"User: x is not authorized".*kinesisvideo:DescribeStream/,
  );
  assert.is(fake.calls.length, 1);
});

test('throttling is waited out', async (t) => {
  let refusals = 2;
  const fake = await fakeControlPlane(t, {
    describeStream: (_call, response) => {
      if (refusals === 0) return describe();
      refusals -= 1;
      refuse(response, 400, 'ClientLimitExceededException', 'slow down');
      return undefined;
    },
  });
  assert.is((await controlPlane(t, fake.url).describeStream('cam1'))?.status, 'ACTIVE');
  assert.is(fake.calls.length, 3);
});

test('a fault of the service is reported after three attempts', async (t) => {
  const fake = await fakeControlPlane(t, {
    describeStream: (_call, response) => {
      refuse(response, 500, 'InternalFailure', 'oops');
    },
  });
  const error = await failure(controlPlane(t, fake.url).describeStream('cam1'));
  assert.is(error.code, 'STATUS_SERVICE_CALL_UNKNOWN_ERROR');
  assert.is(error.retryable, true);
  assert.is(fake.calls.length, 3);
});

test('an expired token is renewed within the call', async (t) => {
  let asked = 0;
  const credentials = resolveCredentials(() => {
    asked += 1;
    return Promise.resolve({ ...canary, sessionToken: `token${asked}` });
  });
  const fake = await fakeControlPlane(t, {
    describeStream: (call, response) => {
      if (call.headers['x-amz-security-token'] !== 'token1') return describe();
      refuse(response, 403, 'ExpiredTokenException', 'expired');
      return undefined;
    },
  });
  const client = controlPlane(t, fake.url, { credentials });
  assert.is((await client.describeStream('cam1'))?.status, 'ACTIVE');
  assert.is(asked, 2);
});

test('an expired token of fixed credentials is reported at once', async (t) => {
  const fake = await fakeControlPlane(t, {
    describeStream: (_call, response) => {
      refuse(response, 403, 'ExpiredTokenException', 'expired');
    },
  });
  const error = await failure(controlPlane(t, fake.url).describeStream('cam1'));
  assert.is(error.retryable, false);
  assert.match(error.message, /session token .* has expired/);
  assert.is(fake.calls.length, 1);
});

test('an error of the credentials function arrives as it is', async (t) => {
  const reason = new KinesisVideoError('STATUS_INVALID_ARG', 'No keys today.');
  const fake = await fakeControlPlane(t);
  const client = controlPlane(t, fake.url, { credentials: () => Promise.reject(reason) });
  assert.is(await failure(client.describeStream('cam1')), reason);
});

test('a wrong clock is corrected within the call and shared', async (t) => {
  const offset = 3 * 3600_000;
  const fake = await fakeControlPlane(t, {
    describeStream: (call, response) => {
      response.setHeader('date', new Date(Date.now() + offset).toUTCString());
      const [, y, mo, d, h, mi, s] =
        /^(....)(..)(..)T(..)(..)(..)Z$/.exec(call.headers['x-amz-date'] as string) ?? [];
      const signed = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
      if (Math.abs(signed - Date.now() - offset) < 5 * 60_000) return describe();
      const message = 'Signature expired: A is now earlier than B';
      refuse(response, 403, 'InvalidSignatureException', message);
      return undefined;
    },
  });
  const clockSkew = new ClockSkew();
  await controlPlane(t, fake.url, { clockSkew }).describeStream('cam1');
  assert.is(fake.calls.length, 2);
  assert.ok(Math.abs(clockSkew.offset - offset) < 5000);
  await controlPlane(t, fake.url, { clockSkew }).describeStream('cam1');
  assert.is(fake.calls.length, 3, 'another client did not start with the learned offset');
});

test('an endpoint where nothing listens gives its error at once', async (t) => {
  const endpoint = `http://127.0.0.1:${await closedPort()}`;
  const start = performance.now();
  const error = await failure(controlPlane(t, endpoint).describeStream('cam1'));
  assert.ok(error.message.startsWith(`The service at ${endpoint} cannot be reached (ECONNREFUSED`));
  assert.is(error.retryable, true);
  assert.ok(performance.now() - start < 3000);
});

test('an endpoint that never answers gives its error after requestTimeout', async (t) => {
  const server = await serveTcp(t, (socket) => socket.resume());
  const start = performance.now();
  const client = controlPlane(t, server.url, { requestTimeout: 400 });
  const error = await failure(client.describeStream('cam1'));
  assert.is(error.code, 'STATUS_SERVICE_CALL_TIMEOUT_ERROR');
  assert.ok(performance.now() - start < 2500);
});

test('abort ends a call with the reason, before and during it, and leaves no listener', async (t) => {
  const fake = await fakeControlPlane(t, { describeStream: () => undefined });
  const client = controlPlane(t, fake.url);
  const reason = new Error('stop');
  const catchReason = (e: unknown): unknown => e;
  const early = client.describeStream('cam1', { signal: AbortSignal.abort(reason) });
  assert.is(await early.catch(catchReason), reason);
  assert.is(fake.calls.length, 0);

  const stop = new AbortController();
  const late = client.describeStream('cam1', { signal: stop.signal });
  await until(() => fake.calls.length === 1);
  stop.abort(reason);
  assert.is(await late.catch(catchReason), reason);
  await sleep(10);
  assert.is(getEventListeners(stop.signal, 'abort').length, 0);
});

test('close ends a call in flight and later calls say that it is closed', async (t) => {
  const fake = await fakeControlPlane(t, { describeStream: () => undefined });
  const client = controlPlane(t, fake.url);
  const call = failure(client.describeStream('cam1'));
  await until(() => fake.calls.length === 1);
  client.close();
  client.close();
  assert.is((await call).code, 'STATUS_INVALID_OPERATION');
  assert.match((await failure(client.describeStream('cam1'))).message, /closed/);
});

test('all pages of the list are walked, with the prefix', async (t) => {
  const info = (describe() as { StreamInfo: object }).StreamInfo;
  const fake = await fakeControlPlane(t, {
    listStreams: ({ body }) =>
      body['NextToken'] === undefined
        ? { StreamInfoList: [info, { ...info, StreamName: 'cam2' }], NextToken: 'more' }
        : { StreamInfoList: [{ ...info, StreamName: 'cam3' }], NextToken: null },
  });
  const names: string[] = [];
  for await (const { streamName } of controlPlane(t, fake.url).listStreams({ prefix: 'cam' })) {
    names.push(streamName);
  }
  assert.equal(names, ['cam1', 'cam2', 'cam3']);
  assert.equal(fake.calls[1]?.body['StreamNameCondition'], {
    ComparisonOperator: 'BEGINS_WITH',
    ComparisonValue: 'cam',
  });
});

test('deleting names the ARN and version that were described', async (t) => {
  const fake = await fakeControlPlane(t, {
    describeStream: () => describe(),
    deleteStream: () => ({}),
  });
  await controlPlane(t, fake.url).deleteStream('cam1');
  assert.equal(fake.calls[1]?.body, {
    StreamARN: 'arn:aws:kinesisvideo:us-west-2:111122223333:stream/cam1/1705489836421',
    CurrentVersion: 'davN9FKg4vjyKdCSs0f4',
  });
  fake.answers['describeStream'] = notFound;
  const error = await failure(controlPlane(t, fake.url).deleteStream('cam1'));
  assert.is(error.code, 'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR');
});

for (const [what, options, pattern] of [
  ['no region', { region: undefined }, /No AWS region is configured.*AWS_REGION/],
  ['a region with a space', { region: 'us west' }, /received "us west"/],
  ['an endpoint that is no URL', { endpoint: 'localhost:1' }, /URL for endpoint but received/],
] as const) {
  test(`${what} is refused at once`, () => {
    const credentials = resolveCredentials(canary);
    const make = (): ControlPlane =>
      new ControlPlane({ credentials, ...{ region: 'us-west-2', ...options } } as never);
    assert.throws(make, (error: unknown) => {
      assert.instance(error, KinesisVideoError);
      assert.is((error as KinesisVideoError).code, 'STATUS_INVALID_ARG');
      assert.match((error as KinesisVideoError).message, pattern);
      return true;
    });
  });
}

test('no secret is in an error, whatever the service quotes', async (t) => {
  const fake = await fakeControlPlane(t, {
    describeStream: ({ headers }, response) => {
      const token = headers['x-amz-security-token'] as string;
      const quote = `${headers.authorization} ${token} ${canary.secretAccessKey}`;
      refuse(response, 403, 'SignatureDoesNotMatch', quote);
    },
  });
  const error = await failure(controlPlane(t, fake.url).describeStream('cam1'));
  const shown = `${inspect(error, { showHidden: true, depth: 9 })} ${JSON.stringify(error)}`;
  for (const secret of [canary.secretAccessKey, canary.sessionToken, 'Signature=']) {
    assert.not.ok(shown.includes(secret), `${secret} is in ${shown}`);
  }
});
