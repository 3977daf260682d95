import * as assert from 'uvu/assert';
import { KinesisVideoClient, KinesisVideoError } from '../../ts/index.js';
import { PutMediaConnection } from '../../ts/service/index.js';
import { suite } from '../support/suite.js';
import { putMediaOptions } from './connections.js';
import { controlPlane, describe, failure, fakeControlPlane } from './fake-control-plane.js';

const test = suite('limits of answers', { timeout: 15_000 });

test('an ARN or a version longer than the service has is refused by name', async (t) => {
  for (const [name, value, limit] of [
    ['StreamARN', `arn:${'a'.repeat(1021)}`, 1024],
    ['Version', 'v'.repeat(129), 128],
  ] as const) {
    const fake = await fakeControlPlane(t, {
      describeStream: () => describe('ACTIVE', { [name]: value }),
    });
    const error = await failure(controlPlane(t, fake.url).describeStream('cam1'));
    assert.is(error.code, 'STATUS_INVALID_DESCRIBE_STREAM_RESPONSE');
    assert.is(error.values['name'], name);
    assert.is(error.values['limit'], limit);
  }
});

test('an endpoint of more than 10000 characters is refused, from the user and from the service', async () => {
  const long = `https://${'a'.repeat(10_000)}.example`;
  try {
    new KinesisVideoClient({ region: 'us-west-2', endpoint: long });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, KinesisVideoError);
    assert.is((error as KinesisVideoError).code, 'STATUS_INVALID_URI_LEN');
  }
  const error = await failure(PutMediaConnection.open(putMediaOptions(long)));
  assert.is(error.code, 'STATUS_INVALID_URI_LEN');
});
