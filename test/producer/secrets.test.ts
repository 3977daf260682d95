import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import { resolveCredentials } from '../../ts/credentials/index.js';
import type { Logger } from '../../ts/index.js';
import { ServiceAccess } from '../../ts/producer/service-access.js';
import { CANARY, canaryCredentials as canary } from '../support/canary.js';
import { suite } from '../support/suite.js';
import { makeClient } from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { definition, frames } from './support/media.js';

const test = suite('secrets of the producer', { timeout: 20_000 });

const EVERYTHING = { showHidden: true, depth: 20, maxStringLength: null, maxArrayLength: null };

/** A logger that keeps everything that any level is told. */
function recorder(): { logger: Required<Logger>; text: () => string } {
  const entries: unknown[] = [];
  const log = (...entry: unknown[]): void => {
    entries.push(entry);
  };
  return {
    logger: { trace: log, debug: log, info: log, warn: log, error: log, fatal: log },
    text: () => inspect(entries, EVERYTHING),
  };
}

/** A service that quotes what was sent to it, as the real one does with a wrong signature. */
const quote = (upload: FakeUpload): void => {
  const { authorization, 'x-amz-security-token': token } = upload.request.headers;
  upload.refuse(
    503,
    'ServiceUnavailableException',
    `${canary.secretAccessKey} x-amz-security-token:${String(token)} ${String(authorization)}`,
  );
};

test('no level of logging, no event and no error shows a secret', async (t) => {
  const fake = await startFake(t, quote, quote, (upload) => {
    upload.readAndAck();
  });
  const { logger, text } = recorder();
  const client = makeClient(t, fake.endpoint, { logger, credentials: canary });
  const stream = await client.createStream(definition());
  const seen: unknown[] = [];
  stream.on('disconnected', (event) => seen.push(event));
  stream.on('error', (error) => seen.push(error));
  for (const frame of frames({ count: 20 })) stream.putFrame(frame);
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(fake.uploads[0]?.request.headers['x-amz-security-token'], canary.sessionToken);

  const metrics = [stream.metrics, client.metrics];
  const shown = text() + inspect([seen, client, stream, metrics, result], EVERYTHING);
  assert.match(text(), /disconnected/);
  assert.not.ok(shown.includes(CANARY), 'a secret is shown');
});

test('no object that a program holds shows a secret', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const client = makeClient(t, fake.endpoint, { credentials: canary });
  const stream = await client.createStream(definition());
  for (const frame of frames({ count: 20 })) stream.putFrame(frame);
  await fake.upload(0);
  const access = await ServiceAccess.open({ region: 'us-west-2', credentials: canary });
  t.after(() => {
    access.close();
  });
  const providers = [resolveCredentials(canary), resolveCredentials(() => Promise.resolve(canary))];
  await Promise.all(providers.map((provider) => provider()));
  for (const held of [client, stream, access, ...providers]) {
    const shown = inspect(held, EVERYTHING) + JSON.stringify(held);
    assert.not.ok(shown.includes(CANARY), `${held.constructor.name} shows a secret`);
  }
  await stream.stop();
});
