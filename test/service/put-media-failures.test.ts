import { getEventListeners } from 'node:events';
import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import { resolveCredentials } from '../../ts/credentials/index.js';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { ClockSkew, PutMediaConnection, type PutMediaOptions } from '../../ts/service/index.js';
import { Dialer } from '../../ts/network/index.js';
import { suite, type TestContext } from '../support/suite.js';
import { openRecorded, putMediaOptions, until, write, writeForever } from './connections.js';
import { canary, closedPort, refuse, serveHttp, serveTcp } from './servers.js';

const test = suite('PutMedia failures', { timeout: 15_000 });

/** What `open` rejects with. */
async function openFailure(options: PutMediaOptions): Promise<unknown> {
  try {
    await PutMediaConnection.open(options);
  } catch (error) {
    return error;
  }
  throw new Error('open did not reject');
}

/** What `onClose` gets when the server answers with `handler`. */
async function refusal(
  t: TestContext,
  handler: RequestListener,
  overrides: Partial<PutMediaOptions> = {},
): Promise<KinesisVideoError> {
  const server = await serveHttp(t, handler);
  const { closed } = await openRecorded(t, server.url, overrides);
  const error = await closed;
  assert.instance(error, KinesisVideoError);
  return error as KinesisVideoError;
}

for (const [status, type, message, code, retryable, pattern] of [
  [
    403,
    'AccessDeniedException',
    'not allowed',
    'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR',
    false,
    /PutMedia on stream "cam1" in us-west-2 \(HTTP 403, AccessDeniedException, "not allowed"\).*kinesisvideo:PutMedia/,
  ],
  [
    401,
    'NotAuthorizedException',
    'no',
    'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR',
    false,
    /IAM policy/,
  ],
  [
    403,
    'UnrecognizedClientException',
    'The security token included in the request is invalid',
    'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR',
    false,
    /does not know the access key/,
  ],
  [
    404,
    'ResourceNotFoundException',
    'The requested stream is not found or not active.',
    'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR',
    true,
    /"cam1" does not exist in us-west-2 or is not active.*`kvs create`/,
  ],
  [
    400,
    'ClientLimitExceededException',
    'slow down',
    'STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR',
    true,
    /too often/,
  ],
  [
    400,
    'ConnectionLimitExceededException',
    'one is open',
    'STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR',
    true,
    /"cam1".*too many connections/,
  ],
  [
    400,
    'InvalidArgumentException',
    'bad header',
    'STATUS_SERVICE_CALL_INVALID_ARG_ERROR',
    false,
    /"bad header"/,
  ],
  [
    400,
    'InvalidEndpointException',
    'elsewhere',
    'STATUS_SERVICE_CALL_UNKNOWN_ERROR',
    true,
    /data endpoint again/,
  ],
  [
    503,
    'ServiceUnavailableException',
    'later',
    'STATUS_SERVICE_CALL_UNKNOWN_ERROR',
    true,
    /inside the service/,
  ],
  [504, 'X', 'gateway', 'STATUS_SERVICE_CALL_TIMEOUT_ERROR', true, /not answered in time/],
] as const) {
  test(`${status} ${type} becomes ${code} with the service's words`, async (t) => {
    const error = await refusal(t, (_request, response) => {
      refuse(response, status, type, message);
    });
    assert.is(error.code, code);
    assert.is(error.retryable, retryable);
    assert.match(error.message, pattern);
    assert.is(error.requestId, 'request-4711');
    assert.is(error.values['httpStatus'], status);
    assert.is(error.values['errorType'], type);
  });
}

test('the exception type is also found in the body', async (t) => {
  const error = await refusal(t, (_request, response) => {
    response.writeHead(400).end('{"__type":"com.amazon#InvalidArgumentException","Message":"m"}');
  });
  assert.is(error.code, 'STATUS_SERVICE_CALL_INVALID_ARG_ERROR');
  assert.match(error.message, /InvalidArgumentException, "m"/);
});

test('the page of a proxy in place of an answer is no part of the message', async (t) => {
  const error = await refusal(t, (_request, response) => {
    response.writeHead(302, { 'content-type': 'text/html' }).end('<html>Sign in!</html>');
  });
  assert.is(error.retryable, true);
  assert.match(error.message, /HTTP 302\).*proxy or a sign-in page/);
  assert.not.match(error.message, /html/);
});

test('an endless body of an error is not read to its end', async (t) => {
  const error = await refusal(t, (_request, response) => {
    response.writeHead(403);
    const more = (): void => {
      if (response.destroyed) return;
      response.write('<p>'.repeat(1000), () => setImmediate(more));
    };
    more();
  });
  assert.is(error.code, 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR');
});

test('a body of an error that never arrives is waited for two seconds at most', async (t) => {
  const start = performance.now();
  const error = await refusal(t, (_request, response) => {
    response.writeHead(403).flushHeaders();
  });
  assert.is(error.values['httpStatus'], 403);
  assert.ok(performance.now() - start < 3000);
});

for (const tls of [false, true]) {
  const scheme = tls ? 'https' : 'http';

  test(`a refusal wins over the reset of the upload over ${scheme}`, async (t) => {
    const server = await serveHttp(
      t,
      (request, response) => {
        // Once some media has arrived: the client is writing at full speed by then.
        request.once('data', () => {
          request.pause();
          response.on('finish', () => setTimeout(() => request.socket.destroy(), 5));
          refuse(response, 403, 'AccessDeniedException', 'go away', { connection: 'close' });
        });
      },
      { tls },
    );
    for (let round = 0; round < 15; round += 1) {
      const { connection, closed } = await openRecorded(t, server.url);
      writeForever(connection, 1_000_000);
      assert.match((await closed)?.message ?? '', /go away/, `round ${round}`);
    }
  });

  test(`an ERROR acknowledgement is read before the reset over ${scheme}`, async (t) => {
    const ack = '{"EventType":"ERROR","FragmentTimecode":0,"ErrorId":4004,"FragmentNumber":"1"}\n';
    const server = await serveHttp(
      t,
      (request, response) => {
        request.once('data', () => {
          request.pause();
          response.write(ack, () => request.socket.destroy());
        });
      },
      { tls },
    );
    for (let round = 0; round < 15; round += 1) {
      const { connection, closed, acks } = await openRecorded(t, server.url);
      writeForever(connection, 100_000);
      const error = await closed;
      assert.is(error?.retryable, true);
      assert.is(acks(), ack, `round ${round}`);
    }
  });
}

test('a write that finds the connection reset still lets the answer be read', async (t) => {
  // Small writes keep coming, so that one of them meets the reset before the answer is read.
  const server = await serveTcp(t, (socket) => {
    socket.once('data', () => {
      const head = 'HTTP/1.1 404 Not Found\r\nx-amzn-errortype: ResourceNotFoundException\r\n';
      socket.write(`${head}content-length: 0\r\n\r\n`, () => socket.resetAndDestroy());
    });
  });
  for (let round = 0; round < 10; round += 1) {
    const { connection, closed } = await openRecorded(t, server.url);
    let tries = 0;
    const next = (): void => {
      write(connection, Buffer.alloc(10), () => (tries += 1) < 1000 && setImmediate(next));
    };
    next();
    assert.is((await closed)?.code, 'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR');
  }
});

test('a server that hangs up without an answer gives a retryable error', async (t) => {
  const error = await refusal(t, (request) => request.socket.end());
  assert.is(error.code, 'STATUS_SERVICE_CALL_UNKNOWN_ERROR');
  assert.is(error.retryable, true);
});

test('a refused connection says where and what to do', async () => {
  const endpoint = `http://127.0.0.1:${await closedPort()}`;
  const error = await openFailure(putMediaOptions(endpoint));
  assert.instance(error, KinesisVideoError);
  const { code, retryable, message } = error as KinesisVideoError;
  assert.is(code, 'STATUS_SERVICE_CALL_UNKNOWN_ERROR');
  assert.is(retryable, true);
  assert.ok(message.startsWith(`The service at ${endpoint} cannot be reached (ECONNREFUSED`));
});

test('a name with several addresses that all refuse is one refused connection', async () => {
  const error = await openFailure(putMediaOptions(`http://localhost:${await closedPort()}`));
  assert.match((error as KinesisVideoError).message, /cannot be reached \(ECONNREFUSED/);
});

test('a port that accepts but never speaks TLS is given up after connectTimeout', async (t) => {
  const server = await serveTcp(t, (socket) => socket.resume(), 'https');
  const start = performance.now();
  const error = await openFailure(putMediaOptions(server.url, { connectTimeout: 200 }));
  assert.is((error as KinesisVideoError).code, 'STATUS_SERVICE_CALL_TIMEOUT_ERROR');
  assert.is((error as KinesisVideoError).retryable, true);
  assert.match((error as KinesisVideoError).message, /within 200 ms/);
  assert.ok(performance.now() - start < 1500);
  await until(() => server.sockets.size === 0);
});

test('a certificate that is not trusted is told, and is not worth a retry', async (t) => {
  const server = await serveHttp(t, (request) => request.resume(), { tls: true });
  const error = await openFailure(putMediaOptions(server.url, { dialer: new Dialer() }));
  assert.is((error as KinesisVideoError).retryable, false);
  assert.is((error as KinesisVideoError).values['reason'], 'certificate-untrusted');
  assert.match(
    (error as KinesisVideoError).message,
    /not trusted .*`ca` or in NODE_EXTRA_CA_CERTS/,
  );
});

test('https to a port that speaks plain HTTP says so', async (t) => {
  const server = await serveHttp(t, (request) => request.resume());
  const error = await openFailure(putMediaOptions(server.url.replace('http', 'https')));
  assert.match((error as KinesisVideoError).message, /does not speak TLS/);
});

test('a signal that is aborted already rejects before credentials are asked for', async () => {
  const reason = new Error('stop');
  const error = await openFailure(
    putMediaOptions('http://127.0.0.1:9', {
      signal: AbortSignal.abort(reason),
      credentials: () => Promise.reject(new Error('credentials were asked for')),
    }),
  );
  assert.is(error, reason);
});

for (const [when, overrides] of [
  ['while credentials are awaited', { credentials: () => new Promise<never>(() => undefined) }],
  ['while TLS is negotiated', {}],
] as const) {
  test(`an abort ${when} rejects with its reason and leaves no listener`, async (t) => {
    const server = await serveTcp(t, (socket) => socket.resume(), 'https');
    const stop = new AbortController();
    const options = putMediaOptions(server.url, {
      ...overrides,
      signal: stop.signal,
      onClose: () => {
        assert.unreachable('onClose was called');
      },
    });
    const failure = openFailure(options);
    await sleep(50);
    const reason = new Error('stop');
    stop.abort(reason);
    assert.is(await failure, reason);
    assert.is(getEventListeners(stop.signal, 'abort').length, 0);
    await until(() => server.sockets.size === 0);
  });
}

test('an abort after open touches nothing and open leaves no listener', async (t) => {
  const server = await serveHttp(t, (request, response) => {
    request.resume().on('end', () => response.end());
  });
  const stop = new AbortController();
  const { connection, closed } = await openRecorded(t, server.url, { signal: stop.signal });
  assert.is(getEventListeners(stop.signal, 'abort').length, 0);
  stop.abort();
  connection.end();
  assert.is(await closed, undefined);
});

test('what the credentials function throws is what open rejects with', async () => {
  const reason = new Error('no keys today');
  const options = putMediaOptions('http://127.0.0.1:9', {
    credentials: () => Promise.reject(reason),
  });
  assert.is(await openFailure(options), reason);
});

test('a wrong clock is learned from the refusal and the next request has the right date', async (t) => {
  const serverTime = Date.now() + 3 * 3600_000;
  const clockSkew = new ClockSkew();
  const dates: string[] = [];
  const server = await serveHttp(t, (request, response) => {
    dates.push(request.headers['x-amz-date'] as string);
    refuse(response, 403, 'InvalidSignatureException', 'Signature expired: A is now earlier', {
      date: new Date(serverTime).toUTCString(),
    });
  });
  for (let round = 0; round < 2; round += 1) {
    const { closed } = await openRecorded(t, server.url, { clockSkew });
    const error = await closed;
    assert.ok(error?.retryable);
    assert.match(error.message, /clock .* off .*NTP/);
  }
  const [wrong = '', right = ''] = dates;
  const iso = (time: number): string => new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
  assert.ok(wrong < iso(Date.now() + 60_000));
  assert.ok(right >= iso(serverTime - 2000) && right < iso(serverTime + 60_000), right);
});

test('an expired token is retryable when the credentials can be renewed', async (t) => {
  let asked = 0;
  const credentials = resolveCredentials(() => {
    asked += 1;
    return Promise.resolve({ ...canary, sessionToken: `token${asked}` });
  });
  const expired: RequestListener = (_request, response) => {
    refuse(response, 403, 'ExpiredTokenException', 'The security token … is expired');
  };
  assert.is((await refusal(t, expired, { credentials })).retryable, true);
  assert.is((await credentials()).sessionToken, 'token2');
});

test('an expired token of fixed credentials is final', async (t) => {
  const error = await refusal(
    t,
    (_request, response) => {
      refuse(response, 403, 'ExpiredTokenException', 'expired');
    },
    { credentials: resolveCredentials(canary) },
  );
  assert.is(error.retryable, false);
  assert.match(error.message, /pass an async function as `credentials`/);
});

test('a service that quotes the whole request cannot make an error show a secret', async (t) => {
  const error = await refusal(t, (request, response) => {
    const quoted = request.rawHeaders.join(' ');
    const canonical = `x-amz-security-token:${canary.sessionToken}\n${canary.secretAccessKey}`;
    refuse(response, 403, 'SignatureDoesNotMatch', `${quoted} should have been ${canonical}`);
  });
  const shown = [
    inspect(error, { showHidden: true, depth: 9 }),
    JSON.stringify(error),
    String(error.stack),
    error.message,
  ].join('\n');
  assert.match(shown, /secret access key belongs to the access key id/);
  for (const secret of [canary.secretAccessKey, canary.sessionToken, 'Signature=']) {
    assert.not.ok(shown.includes(secret), `${secret} is in ${shown}`);
  }
});
