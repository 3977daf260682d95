import * as assert from 'uvu/assert';
import { refuse } from '../service/servers.js';
import { fakeControlPlane } from '../service/fake-control-plane.js';
import { suite } from '../support/suite.js';
import { failureOf, makeClient, makeStream, putAll } from './support/client.js';
import { startFake } from './support/fake-service.js';
import { definition, frames } from './support/media.js';

const test = suite('minimal permissions', { timeout: 20_000 });

test('only GetDataEndpoint and PutMedia are called', async (t) => {
  const media = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const control = await fakeControlPlane(t, {
    getDataEndpoint: () => ({ DataEndpoint: media.endpoint }),
  });
  const options = { minimalPermissions: true };
  const stream = await makeStream(t, control.url, { retentionPeriod: 2 }, options);
  await putAll(stream, frames({ count: 30 }));
  assert.is((await stream.stop()).complete, true);
  assert.equal(control.operations(), ['getDataEndpoint']);
  assert.is(media.uploads.length, 1);
});

test('with a data endpoint nothing but PutMedia is called', async (t) => {
  const media = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const control = await fakeControlPlane(t);
  const options = { minimalPermissions: true, dataEndpoint: media.endpoint };
  const stream = await makeStream(t, control.url, {}, options);
  await putAll(stream, frames({ count: 30 }));
  assert.is((await stream.stop()).complete, true);
  assert.equal(control.operations(), []);
});

for (const [changes, option] of [
  [{ tags: { site: 'north' } }, 'tags'],
  [{ allowStreamCreation: true }, 'allowStreamCreation'],
] as const) {
  test(`${option} are refused beside minimal permissions`, async (t) => {
    const client = makeClient(t, 'http://127.0.0.1:9', { minimalPermissions: true });
    const error = await failureOf(() => client.createStream(definition(changes)));
    assert.is(error.code, 'STATUS_INVALID_ARG');
    assert.is(error.values['option'], option);
    assert.match(error.message, /without minimalPermissions/);
  });
}

test('a policy without DescribeStream fails with the sentence that names this remedy', async (t) => {
  const control = await fakeControlPlane(t, {
    describeStream: (_call, response) => {
      refuse(response, 403, 'AccessDeniedException', 'is not authorized to perform');
    },
  });
  const client = makeClient(t, control.url);
  const error = await failureOf(() => client.createStream(definition()));
  assert.is(error.code, 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR');
  assert.match(error.message, /kinesisvideo:DescribeStream.*minimalPermissions: true/);
});
