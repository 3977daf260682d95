import * as assert from 'uvu/assert';
import { suite, type TestContext } from '../support/suite.js';
import { makeStream, putAll } from './support/client.js';
import { startFake } from './support/fake-service.js';
import { frames } from './support/media.js';

const test = suite('segment UID', { timeout: 20_000 });

/** The UID in the header of what a new stream sends, in hexadecimal. */
async function sentUid(t: TestContext, segmentUuid?: Uint8Array): Promise<string> {
  const fake = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const stream = await makeStream(t, fake.endpoint, { segmentUuid });
  await putAll(stream, frames({ count: 10 }));
  await stream.stop();
  const bytes = Buffer.concat(fake.uploads[0]?.chunks ?? []);
  const at = bytes.indexOf(Buffer.from('73a490', 'hex'));
  assert.ok(at > 0, 'the header has a SegmentUID of 16 bytes');
  return bytes.toString('hex', at + 3, at + 19);
}

test('a segment UID is random, and not by Math.random, which can be foretold', async (t) => {
  const { random } = Math;
  t.after(() => {
    Math.random = random;
  });
  Math.random = () => 0.25;
  const uids = new Set([await sentUid(t), await sentUid(t), await sentUid(t)]);
  assert.is(uids.size, 3);
  for (const uid of uids) assert.ok(new Set(uid.match(/../g)).size > 4, uid);
});

test('a segment UID that is given is the one that is sent', async (t) => {
  const given = Uint8Array.from({ length: 16 }, (_, index) => 0xf0 - index);
  assert.is(await sentUid(t, given), Buffer.from(given).toString('hex'));
});
