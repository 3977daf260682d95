import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import type { Logger } from '../../ts/index.js';
import { suite } from '../support/suite.js';
import { makeClient } from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { definition, frames } from './support/media.js';

const test = suite('secrets of the producer', { timeout: 20_000 });

const canary = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'canarySecretKey0815',
  sessionToken: 'canarySessionToken0815',
};

/** A logger that keeps everything that any level is told. */
function recorder(): { logger: Required<Logger>; text: () => string } {
  const entries: unknown[] = [];
  const log = (...entry: unknown[]): void => {
    entries.push(entry);
  };
  return {
    logger: { trace: log, debug: log, info: log, warn: log, error: log, fatal: log },
    text: () => inspect(entries, { depth: 20, maxStringLength: null, maxArrayLength: null }),
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

  const shown = text() + inspect([seen, client, stream, stream.metrics, result], { depth: 20 });
  assert.match(text(), /disconnected/);
  for (const secret of [canary.secretAccessKey, canary.sessionToken]) {
    assert.not.ok(shown.includes(secret), `${secret} is shown`);
  }
});
