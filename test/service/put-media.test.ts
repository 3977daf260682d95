import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { MediaChunk } from '../../ts/service/index.js';
import { suite } from '../support/suite.js';
import { openRecorded, until, write, writeChunk, writeForever } from './connections.js';
import { serveHttp, serveTcp } from './servers.js';

const test = suite('PutMediaConnection', { timeout: 15_000 });

const ACK = '{"EventType":"BUFFERING","FragmentTimecode":0,"FragmentNumber":"9134"}\n';

for (const tls of [false, true]) {
  const scheme = tls ? 'https' : 'http';

  test(`the body arrives byte for byte over ${scheme} while one buffer is reused`, async (t) => {
    const received = createHash('sha256');
    const server = await serveHttp(
      t,
      (request, response) => {
        request.on('data', (chunk: Buffer) => received.update(chunk));
        request.on('end', () => response.end());
      },
      { tls },
    );
    const { connection, closed } = await openRecorded(t, server.url);
    const sent = createHash('sha256');
    const buffer = Buffer.alloc(50_000);
    for (let round = 0; round < 100; round += 1) {
      buffer.fill(round);
      const chunk = buffer.subarray(0, 1 + round * 499);
      sent.update(chunk);
      await writeChunk(connection, chunk);
    }
    connection.end();
    assert.is(await closed, undefined);
    assert.is(received.digest('hex'), sent.digest('hex'));
  });

  test(`acknowledgements arrive over ${scheme} while the body is being sent`, async (t) => {
    let answer: ServerResponse | undefined;
    const server = await serveHttp(
      t,
      (request, response) => {
        request.resume();
        answer = response;
        response.writeHead(200).flushHeaders();
      },
      { tls },
    );
    const { connection, acks } = await openRecorded(t, server.url);
    const taken = writeForever(connection);
    await until(() => answer !== undefined && taken() > 10);
    for (const byte of ACK) {
      answer?.write(byte);
      await sleep(0);
    }
    await until(() => acks() === ACK);
    const before = taken();
    await until(() => taken() > before);
  });
}

test('acknowledgements after the end of the body are delivered before onClose', async (t) => {
  const server = await serveHttp(t, (request, response) => {
    request.resume().on('end', () => {
      response.write(ACK);
      setTimeout(() => response.end(ACK), 50);
    });
  });
  const { connection, acks, closed, closeCount } = await openRecorded(t, server.url);
  await writeChunk(connection, Buffer.from('media'));
  connection.end();
  connection.end();
  assert.is(await closed, undefined);
  assert.is(acks(), ACK + ACK);
  await sleep(20);
  assert.is(closeCount(), 1);
  await until(() => server.sockets.size === 0);
});

test('a server that does not read stops the writes and memory does not grow', async (t) => {
  const server = await serveTcp(t, (socket) => socket.pause());
  const { connection, closed } = await openRecorded(t, server.url);
  const taken = writeForever(connection);
  let last = -1;
  while (taken() !== last) {
    last = taken();
    await sleep(100);
  }
  const memory = process.memoryUsage().rss;
  await sleep(300);
  assert.is(taken(), last, 'done was called although nothing could leave');
  assert.ok(process.memoryUsage().rss - memory < 8_000_000);
  connection.destroy();
  await closed;
  await sleep(20);
  assert.is(taken(), last, 'done was called after the connection had been closed');
});

test('done is never called inside write', async (t) => {
  const server = await serveHttp(t, (request) => request.resume());
  const { connection } = await openRecorded(t, server.url);
  let returned = false;
  const done = new Promise<boolean>((resolve) => {
    write(connection, Buffer.from('x'), () => {
      resolve(returned);
    });
  });
  returned = true;
  assert.is(await done, true);
});

test('the body goes over the wire in chunks that say how long they are', async (t) => {
  let received = '';
  const server = await serveTcp(t, (socket) => {
    socket.on('data', (bytes) => (received += bytes.toString('latin1')));
  });
  const { connection } = await openRecorded(t, server.url);
  await writeChunk(connection, Buffer.from('x'));
  await writeChunk(connection, Buffer.alloc(300, 'y'));
  connection.end();
  const body = `1\r\nx\r\n12c\r\n${'y'.repeat(300)}\r\n0\r\n\r\n`;
  await until(() => received.endsWith('0\r\n\r\n'));
  const [head = '', ...rest] = received.split('\r\n\r\n');
  assert.match(head, /^transfer-encoding: chunked$/im);
  assert.is(rest.join('\r\n\r\n'), body);
});

test('a chunk that is used again, for fewer bytes, is framed anew', () => {
  const chunk = new MediaChunk(1000);
  chunk.body.fill(0x61);
  assert.is(chunk.framed(1000).length, '3e8'.length + 2 + 1000 + 2);
  chunk.body.fill(0x62);
  assert.is(Buffer.from(chunk.framed(3)).toString(), '3\r\nbbb\r\n');
  chunk.body.fill(0x63);
  assert.is(Buffer.from(chunk.framed(1000)).toString(), `3e8\r\n${'c'.repeat(1000)}\r\n`);
});

test('write after end throws and says why', async (t) => {
  const server = await serveHttp(t, (request) => request.resume());
  const { connection } = await openRecorded(t, server.url);
  connection.end();
  try {
    write(connection, Buffer.from('x'), () => undefined);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, KinesisVideoError);
    assert.is((error as KinesisVideoError).code, 'STATUS_INVALID_OPERATION');
    assert.match((error as KinesisVideoError).message, /"cam1" has been ended/);
  }
});

test('write after the connection was lost is ignored', async (t) => {
  const server = await serveHttp(t, (request) => request.socket.destroy());
  const { connection, closed } = await openRecorded(t, server.url);
  assert.ok(await closed);
  write(connection, Buffer.from('x'), () => {
    assert.unreachable();
  });
  connection.end();
  await sleep(20);
});

test('destroy reports its error once, later, however often it is called', async (t) => {
  const server = await serveHttp(t, (request) => request.resume());
  const { connection, closed, closeCount } = await openRecorded(t, server.url);
  const reason = new KinesisVideoError('STATUS_SERVICE_CALL_TIMEOUT_ERROR', 'No ACK arrived.');
  connection.destroy(reason);
  connection.destroy();
  assert.is(closeCount(), 0);
  assert.is(await closed, reason);
  await sleep(20);
  assert.is(closeCount(), 1);
});

test('destroy without an error closes without an error', async (t) => {
  const server = await serveHttp(t, (request) => request.resume());
  const { connection, closed } = await openRecorded(t, server.url);
  connection.destroy();
  assert.is(await closed, undefined);
});

test('a server that ends its answer before the body was ended gives a retryable error', async (t) => {
  const server = await serveHttp(t, (_request, response) => response.end(ACK));
  const { connection, closed, acks } = await openRecorded(t, server.url);
  writeForever(connection, 1000);
  const error = await closed;
  assert.ok(error?.retryable);
  assert.is(error.code, 'STATUS_SERVICE_CALL_UNKNOWN_ERROR');
  assert.match(error.message, /"cam1".*while media was being sent/);
  assert.is(acks(), ACK);
});

test('an answer that is cut off after end() gives a retryable error', async (t) => {
  const server = await serveHttp(t, (request, response) => {
    request.resume().on('end', () => {
      response.write(ACK, () => request.socket.destroy());
    });
  });
  const { connection, closed, acks } = await openRecorded(t, server.url);
  connection.end();
  const error = await closed;
  assert.ok(error?.retryable);
  assert.match(error.message, /closed the connection/);
  assert.is(acks(), ACK);
});

test('an endpoint with an IPv6 address is reached', async (t) => {
  const server = await serveHttp(t, (request, response) => response.end(request.headers.host), {
    host: '::1',
  }).catch(() => t.skip('this machine has no IPv6 loopback'));
  const { connection, closed, acks } = await openRecorded(t, server.url);
  connection.end();
  assert.is(await closed, undefined);
  assert.is(acks(), `[::1]:${server.port}`);
});
