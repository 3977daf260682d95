import { once } from 'node:events';
import * as assert from 'uvu/assert';
import { startLocalKinesisVideo } from './support/local.js';
import { suite } from '../support/suite.js';
import { collect, failureOf, makeStream, putAll } from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { frames, START } from './support/media.js';

const test = suite('producer faults', { timeout: 20_000 });

const readAndAck = (upload: FakeUpload): void => {
  upload.readAndAck();
};

test('a connection that is reset in the middle is made anew until everything is persisted', async (t) => {
  const resetAfter = (fragments: number) => (upload: FakeUpload) => {
    upload.accept();
    upload.read(() => {
      const [first = 0] = upload.timecodes;
      if (upload.timecodes.length < fragments) return;
      upload.ack('PERSISTED', first);
      setTimeout(() => {
        upload.reset();
      }, 20);
    });
  };
  const fake = await startFake(t, resetAfter(3), resetAfter(4), readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const disconnected = collect(stream, 'disconnected');
  await putAll(stream, frames({ count: 100 }));
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames, 100);
  assert.is(result.droppedFrames.total, 0);
  assert.is(fake.uploads.length, 3);
  assert.is(disconnected.filter(([{ error }]) => error !== undefined).length, 2);
  // Each connection starts at the oldest fragment that was not confirmed.
  assert.equal(
    fake.uploads.map((upload) => upload.timecodes[0]),
    [START, START + 1000, START + 2000],
  );
});

test('every connection begins with a header of its own', async (t) => {
  const fake = await startFake(
    t,
    (upload) => {
      upload.accept();
      upload.read(() => {
        upload.reset();
      });
    },
    readAndAck,
  );
  const stream = await makeStream(t, fake.endpoint);
  await putAll(stream, frames({ count: 20 }));
  await stream.stop();
  for (const upload of fake.uploads) {
    assert.is(Buffer.concat(upload.chunks).subarray(0, 4).toString('hex'), '1a45dfa3');
  }
});

test('a fragment that the service refuses is dropped and the others are delivered', async (t) => {
  const refused = START + 1000;
  const fake = await startFake(
    t,
    (upload) => {
      upload.accept();
      upload.read(() => {
        if (!upload.timecodes.includes(refused)) return;
        upload.ack('PERSISTED', START);
        upload.ack('ERROR', refused, { ErrorId: 4006, ErrorCode: 'INVALID_MKV_DATA' });
        upload.response.end();
      });
    },
    readAndAck,
  );
  const stream = await makeStream(t, fake.endpoint);
  const acks = collect(stream, 'fragmentAck');
  const drops = collect(stream, 'droppedFragment');
  const disconnected = collect(stream, 'disconnected');
  await putAll(stream, frames({ count: 50 }));
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames, 40);
  assert.is(result.droppedFrames.rejected, 10);
  assert.is(drops.length, 1);
  assert.is(drops[0]?.[0].reason, 'rejected');
  assert.is(drops[0]?.[0].firstPresentationTs, refused);
  const error = acks.map(([ack]) => ack).find(({ type }) => type === 'ERROR');
  assert.is(error?.errorId, 4006);
  assert.is(error?.errorCode, 'INVALID_MKV_DATA');
  assert.is(error?.status, 'STATUS_ACK_ERR_INVALID_MKV_DATA');
  const reason = disconnected[0]?.[0].error;
  assert.is(reason?.code, 'STATUS_ACK_ERR_INVALID_MKV_DATA');
  assert.match(
    reason?.message ?? '',
    new RegExp(`error 4006 INVALID_MKV_DATA for the fragment at ${refused}`),
  );
  assert.not.ok(fake.uploads[1]?.timecodes.includes(refused));
});

test('a fault of the service has the fragment sent again', async (t) => {
  const fake = await startFake(
    t,
    (upload) => {
      upload.accept();
      upload.read(() => {
        upload.ack('ERROR', START, { ErrorId: 5000, ErrorCode: 'INTERNAL_ERROR' });
        upload.response.end();
      });
    },
    readAndAck,
  );
  const stream = await makeStream(t, fake.endpoint);
  await putAll(stream, frames({ count: 20 }));
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames, 20);
  assert.equal(fake.uploads[1]?.timecodes, [START, START + 1000]);
});

test('an upload that the service ends after its time goes on in the next one', async (t) => {
  const local = await startLocalKinesisVideo({ maxConnectionDuration: 300 });
  t.after(() => local.close());
  const stream = await makeStream(t, local.endpoint);
  for (const frame of frames({ count: 100, interval: 100 })) {
    stream.putFrame(frame);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.droppedFrames.total, 0);
  assert.ok(stream.metrics.sessions >= 3, `${stream.metrics.sessions} sessions`);
});

test('a refusal that will not pass fails the stream: stop, putFrame and error tell', async (t) => {
  for (const [status, type, code] of [
    [403, 'AccessDeniedException', 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR'],
    [400, 'InvalidArgumentException', 'STATUS_SERVICE_CALL_INVALID_ARG_ERROR'],
  ] as const) {
    const fake = await startFake(t, (upload) => {
      upload.refuse(status, type);
    });
    const stream = await makeStream(t, fake.endpoint);
    const errors = collect(stream, 'error');
    const states = collect(stream, 'state');
    const [first, second] = frames({ count: 2 });
    if (first === undefined || second === undefined) throw new Error('no frames');
    stream.putFrame(first);
    const [error] = (await once(stream, 'error')) as [{ code: string }];
    assert.is(error.code, code);
    assert.is(stream.state, 'failed');
    const thrown = await failureOf(() => {
      stream.putFrame(second);
    });
    assert.is(thrown.code, code);
    assert.is((await failureOf(() => stream.put(second))).code, code);
    assert.is((await failureOf(() => stream.stop())).code, code);
    assert.is(errors.length, 1);
    assert.is(states.at(-1)?.[0], 'failed');
    assert.is(fake.uploads.length, 1);
  }
});

test('a failure that nobody listens for is thrown by the next call and crashes nothing', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.refuse(403, 'AccessDeniedException');
  });
  const stream = await makeStream(t, fake.endpoint);
  const [first, second] = frames({ count: 2 });
  if (first === undefined || second === undefined) throw new Error('no frames');
  stream.putFrame(first);
  await fake.upload(0);
  while (stream.state !== 'failed') await new Promise((resolve) => setTimeout(resolve, 5));
  const thrown = await failureOf(() => {
    stream.putFrame(second);
  });
  assert.is(thrown.code, 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR');
});

test('a service that is down for a while is tried again, each time with a new endpoint', async (t) => {
  const down = (upload: FakeUpload): void => {
    upload.refuse(503, 'ServiceUnavailableException');
  };
  const fake = await startFake(t, down, down, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const states = collect(stream, 'state');
  await putAll(stream, frames({ count: 20 }));
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.ok(states.some(([state]) => state === 'retrying'));
  const asked = fake.operations.filter((operation) => operation === 'getDataEndpoint').length;
  assert.is(asked, 3);
});

test('a refusal that comes after the last byte is answered with a new endpoint too', async (t) => {
  const fake = await startFake(
    t,
    (upload) => {
      upload.read();
      setTimeout(() => {
        upload.refuse(404, 'ResourceNotFoundException');
      }, 300);
    },
    readAndAck,
  );
  const stream = await makeStream(t, fake.endpoint);
  await putAll(stream, frames({ count: 20 }));
  await fake.upload(1);
  assert.is((await stream.stop()).complete, true);
  assert.is(fake.operations.filter((operation) => operation === 'getDataEndpoint').length, 2);
});

test('a service that takes everything and says nothing is given up after the staleness', async (t) => {
  const fake = await startFake(
    t,
    (upload) => {
      upload.accept();
      upload.read();
    },
    readAndAck,
  );
  const stream = await makeStream(t, fake.endpoint, { connectionStaleness: 1000 });
  const disconnected = collect(stream, 'disconnected');
  await putAll(stream, frames({ count: 30 }));
  await fake.upload(1);
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(disconnected[0]?.[0].error?.code, 'STATUS_OPERATION_TIMED_OUT');
  assert.match(
    disconnected[0]?.[0].error?.message ?? '',
    /has not answered stream "cam" for 1\d\d\d ms/,
  );
});

test('a service that stops reading is given up after the staleness', async (t) => {
  const fake = await startFake(
    t,
    (upload) => {
      upload.accept();
    },
    readAndAck,
  );
  const stream = await makeStream(t, fake.endpoint, { connectionStaleness: 1000 });
  await putAll(stream, frames({ count: 60, size: 150_000 }));
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames, 60);
  assert.is(fake.uploads.length, 2);
});

test('without restartOnError the first lost connection fails the stream', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.accept();
    upload.read(() => {
      upload.reset();
    });
  });
  const stream = await makeStream(t, fake.endpoint, { restartOnError: false });
  await putAll(stream, frames({ count: 20 }));
  const error = await failureOf(() => stream.stop());
  assert.is(error.code, 'STATUS_SERVICE_CALL_UNKNOWN_ERROR');
  assert.is(fake.uploads.length, 1);
});

test('acknowledgements that cannot be read are logged and do not disturb the others', async (t) => {
  const fake = await startFake(t, (upload) => {
    upload.readAndAck();
    upload.response.write('{"EventType":"SURPRISE"}\n<html>\n');
  });
  const warnings: string[] = [];
  const logger = {
    warn: (_details: object, message: string): void => {
      warnings.push(message);
    },
  };
  const stream = await makeStream(t, fake.endpoint, {}, { logger });
  await putAll(stream, frames({ count: 20 }));
  assert.is((await stream.stop()).complete, true);
  assert.is(stream.metrics.acks.unreadable, 2);
  assert.match(warnings[0] ?? '', /sent stream "cam" an acknowledgement that cannot be read/);
});
