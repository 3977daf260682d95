import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as assert from 'uvu/assert';
import { AckWriter } from '../../ts/local/media/acks.js';
import { suite, type TestContext } from '../support/suite.js';
import { request } from './support/http.js';

const test = suite('Acknowledgement writer');

/** A response under way, and the client that receives it. */
async function openResponse(
  t: TestContext,
): Promise<{ response: ServerResponse; client: IncomingMessage }> {
  const server = createServer();
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sent = request(`http://127.0.0.1:${port}`, '/', {});
  sent.on('error', () => undefined);
  sent.end();
  const [, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  response.flushHeaders();
  const [client] = (await once(sent, 'response')) as [IncomingMessage];
  client.on('error', () => undefined);
  return { response, client };
}

/** Writes until the client is behind. */
function fill(acks: AckWriter): Promise<unknown> {
  for (;;) {
    const pressure = acks.pressure();
    if (pressure !== undefined) return pressure;
    acks.received({ timecode: 0, number: '1'.repeat(47) }, 0);
  }
}

test('is under pressure until a client that was behind reads on', async (t) => {
  const { response, client } = await openResponse(t);
  const acks = new AckWriter(response, { enabled: true, delay: 0 });
  const pressure = fill(acks);
  client.resume();
  await pressure;
  assert.is(acks.pressure(), undefined);
});

test('is under no pressure any more when the client is gone', async (t) => {
  const { response, client } = await openResponse(t);
  const acks = new AckWriter(response, { enabled: true, delay: 0 });
  const pressure = fill(acks);
  client.destroy();
  await pressure;
  assert.is(acks.pressure(), undefined);
});
