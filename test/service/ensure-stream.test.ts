import { getEventListeners } from 'node:events';
import * as assert from 'uvu/assert';
import type { KinesisVideoError } from '../../ts/internal/errors.js';
import { suite } from '../support/suite.js';
import {
  controlPlane,
  describe,
  failure,
  fakeControlPlane,
  notFound,
} from './fake-control-plane.js';
import { refuse } from './servers.js';

const test = suite('ensureStream', { timeout: 15_000 });

const definition = {
  streamName: 'cam1',
  allowStreamCreation: true,
  retentionPeriod: 2,
  mediaType: 'video/h264',
} as const;

test('an active stream takes one call', async (t) => {
  const fake = await fakeControlPlane(t, { describeStream: () => describe() });
  const info = await controlPlane(t, fake.url).ensureStream(definition);
  assert.is(info.streamName, 'cam1');
  assert.equal(fake.operations(), ['describeStream']);
});

test('a missing stream is created with its tags and awaited', async (t) => {
  const fake = await fakeControlPlane(t, { describeStream: notFound });
  let polls = 0;
  fake.answers['createStream'] = () => {
    fake.answers['describeStream'] = () => describe((polls += 1) < 3 ? 'CREATING' : 'ACTIVE');
    return { StreamARN: 'arn' };
  };
  const tags = { site: 'north' };
  const info = await controlPlane(t, fake.url).ensureStream({ ...definition, tags });
  assert.is(info.status, 'ACTIVE');
  assert.equal(fake.calls[1]?.body, {
    StreamName: 'cam1',
    DataRetentionInHours: 2,
    MediaType: 'video/h264',
    Tags: tags,
  });
  const described = 'describeStream';
  assert.equal(fake.operations(), [described, 'createStream', described, described, described]);
});

test('a stream that is not visible right after its creation is waited for', async (t) => {
  const fake = await fakeControlPlane(t, { describeStream: notFound });
  fake.answers['createStream'] = () => {
    fake.answers['describeStream'] = (call, response) => {
      fake.answers['describeStream'] = () => describe();
      return notFound(call, response);
    };
    return { StreamARN: 'arn' };
  };
  await controlPlane(t, fake.url).ensureStream(definition);
});

test('a stream that somebody else creates meanwhile is used, and tagged', async (t) => {
  const fake = await fakeControlPlane(t, { describeStream: notFound, tagStream: () => ({}) });
  fake.answers['createStream'] = (_call, response) => {
    fake.answers['describeStream'] = () => describe();
    refuse(response, 400, 'ResourceInUseException', 'exists');
  };
  const tags = { site: 'north' };
  await controlPlane(t, fake.url).ensureStream({ ...definition, tags });
  assert.equal(fake.calls.at(-1)?.body, { StreamName: 'cam1', Tags: tags });
});

test('a stream that is updated is usable once it is active again', async (t) => {
  let polls = 0;
  const fake = await fakeControlPlane(t, {
    describeStream: () => describe((polls += 1) === 1 ? 'UPDATING' : 'ACTIVE'),
  });
  const info = await controlPlane(t, fake.url).ensureStream(definition);
  assert.is(info.status, 'ACTIVE');
  assert.is(polls, 2);
});

test('a missing stream that may not be created says how it can be', async (t) => {
  const fake = await fakeControlPlane(t, { describeStream: notFound });
  const work = controlPlane(t, fake.url).ensureStream({
    ...definition,
    allowStreamCreation: false,
  });
  const error = await failure(work);
  assert.is(error.code, 'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR');
  assert.is(error.retryable, false);
  assert.match(
    error.message,
    /^Stream "cam1" does not exist in us-west-2.*`kvs create`, pass allowStreamCreation: true/,
  );
});

test('a stream that is being deleted is an error that a later call may not see', async (t) => {
  const fake = await fakeControlPlane(t, { describeStream: () => describe('DELETING') });
  const error = await failure(controlPlane(t, fake.url).ensureStream(definition));
  assert.is(error.code, 'STATUS_STREAM_IS_BEING_DELETED_ERROR');
  assert.is(error.retryable, true);
});

test('a stream that stays CREATING is given up after activeTimeout', async (t) => {
  const fake = await fakeControlPlane(t, { describeStream: () => describe('CREATING') });
  const work = controlPlane(t, fake.url).ensureStream(definition, { activeTimeout: 600 });
  const error = await failure(work);
  assert.is(error.code, 'STATUS_SERVICE_CALL_TIMEOUT_ERROR');
  assert.match(error.message, /"cam1" in us-west-2 is CREATING .* within 600 ms/);
});

test('a failed tagging rejects, or goes to onTagError and leaves the stream usable', async (t) => {
  const fake = await fakeControlPlane(t, {
    describeStream: () => describe(),
    tagStream: (_call, response) => {
      refuse(response, 401, 'NotAuthorizedException', 'no');
    },
  });
  const client = controlPlane(t, fake.url);
  const tagged = { ...definition, tags: { site: 'north' } };
  const error = await failure(client.ensureStream(tagged));
  assert.match(error.message, /kinesisvideo:TagStream/);

  const reported: KinesisVideoError[] = [];
  const onTagError = (problem: KinesisVideoError): number => reported.push(problem);
  const info = await client.ensureStream(tagged, { onTagError });
  assert.is(info.status, 'ACTIVE');
  assert.is(reported[0]?.code, 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR');
});

test('an abort while the stream is awaited rejects with the reason', async (t) => {
  const fake = await fakeControlPlane(t, { describeStream: () => describe('CREATING') });
  const stop = new AbortController();
  const reason = new Error('stop');
  setTimeout(() => {
    stop.abort(reason);
  }, 300);
  const work = controlPlane(t, fake.url).ensureStream(definition, { signal: stop.signal });
  assert.is(await work.catch((error: unknown) => error), reason);
  assert.is(getEventListeners(stop.signal, 'abort').length, 0);
});
