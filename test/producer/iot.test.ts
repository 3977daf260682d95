import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import type { KinesisVideoClientOptions } from '../../ts/index.js';
import { startLocalKinesisVideo, type LocalKinesisVideo } from '../../ts/local/index.js';
import { Authority } from '../support/certificates.js';
import { suite, type TestContext } from '../support/suite.js';
import { collect, failureOf, makeClient } from './support/client.js';
import { definition, frames } from './support/media.js';

const test = suite('streams of IoT things', { timeout: 60_000 });

interface Setup {
  readonly local: LocalKinesisVideo;
  readonly options: KinesisVideoClientOptions;
  /** What the endpoint has refused. */
  readonly refusals: string[];
  /** Sets the clock of the endpoint forward. */
  readonly skip: (milliseconds: number) => void;
}

/** An endpoint over TLS with a thing, made out of nothing but certificates of this test. */
async function start(t: TestContext, duration: number): Promise<Setup> {
  const authority = new Authority(t);
  const device = authority.issue('device');
  const { cert, key } = authority.issueForServer();
  const refusals: string[] = [];
  let ahead = 0;
  const ca = authority.self.cert;
  const local = await startLocalKinesisVideo({
    now: () => Date.now() + ahead,
    maxConnectionDuration: 2500,
    tls: { cert, key },
    iot: {
      ca,
      roleAliases: { CameraRole: { duration } },
      things: [
        { name: 'door', certificate: device.cert },
        { name: 'gate', certificate: device.cert },
      ],
    },
    log: (sentence) => refusals.push(sentence),
  });
  t.after(() => local.close());
  const { certPath, keyPath } = device;
  const iotCertificate = [
    `iot-certificate,endpoint=${local.iot?.endpoint ?? ''},role-aliases=CameraRole`,
    `cert-path=${certPath},key-path=${keyPath},ca-path=${authority.self.certPath}`,
  ].join(',');
  const skip = (milliseconds: number): void => {
    ahead += milliseconds;
  };
  return { local, refusals, skip, options: { credentials: undefined, ca, iotCertificate } };
}

test('a certificate made here leads to persisted fragments over TLS, for each stream its own', async (t) => {
  const { local, options, refusals } = await start(t, 3600_000);
  const client = makeClient(t, local.endpoint, options);
  for (const streamName of ['door', 'gate']) {
    const stream = await client.createStream({ ...definition(), streamName });
    const acks = collect(stream, 'fragmentAck');
    for (const frame of frames({ count: 30 })) stream.putFrame(frame);
    const { complete } = await stream.stop();
    assert.is(complete, true);
    assert.ok(acks.some(([{ type }]) => type === 'PERSISTED'));
  }
  assert.equal(
    refusals.filter((sentence) => !sentence.includes('ResourceNotFound')),
    [],
  );
});

test('a stream whose name is that of no thing is refused with what to do', async (t) => {
  const { local, options } = await start(t, 3600_000);
  const client = makeClient(t, local.endpoint, options);
  const error = await failureOf(() =>
    client.createStream({ ...definition(), streamName: 'attic' }),
  );
  assert.is(error.code, 'STATUS_IOT_FAILED');
  assert.is(error.values['httpStatus'], 403);
  assert.match(error.message, /"attic" as thing name .*attach the certificate to the thing/);
  assert.not.match(inspect(error, { depth: 9, showHidden: true }), /PRIVATE KEY/);
});

test('the stream goes on when its credentials expire in the middle of it', async (t) => {
  const { local, options, refusals, skip } = await start(t, 200_000);
  const client = makeClient(t, local.endpoint, options);
  const stream = await client.createStream({ ...definition(), streamName: 'door' });
  const connected = collect(stream, 'connected');
  const acks = collect(stream, 'fragmentAck');
  let skipped = false;
  for (const frame of frames({ count: 60 })) {
    stream.putFrame(frame);
    await sleep(100);
    if (skipped || connected.length === 0) continue;
    // The keys end now, and the service ends the connection a little later.
    skip(210_000);
    skipped = true;
  }
  const { complete } = await stream.stop();
  assert.is(complete, true);
  assert.is(stream.metrics.droppedFrames.total, 0);
  assert.is(
    new Set(acks.flatMap(([ack]) => (ack.type === 'PERSISTED' ? [ack.fragmentTimecode] : []))).size,
    6,
  );
  assert.ok(connected.length > 1, 'there was only one connection');
  assert.ok(refusals.some((sentence) => sentence.includes('ExpiredTokenException')));
});
