import type { ServerResponse } from 'node:http';
import * as assert from 'uvu/assert';
import type { GetMediaOptions, LiveFragment } from '../../ts/consumer/index.js';
import { KinesisVideoError } from '../../ts/index.js';
import { cluster, liveHeader, simpleBlock, sizedCluster, tags } from '../parser/support/mkv.js';
import { suite, type TestContext } from '../support/suite.js';
import { chunk, START } from './support/chunks.js';
import { makeConsumer } from './support/consumer.js';
import { refuse, startFakeData, type FakeAnswer } from './support/fake-service.js';

const test = suite('getMedia and a service in trouble', { timeout: 20_000 });

/** The media of fragment 1 with two more frames, which are shown between the others and behind them. */
const LONGER = cluster(1000, ...[0, 500, 250, 750].map((time) => simpleBlock(1, time)));

/** The tags with which the service ends a stream that it cannot go on with. */
function errorChunk(id: number, code: string): Buffer {
  const told = { AWS_KINESISVIDEO_ERROR_ID: String(id), AWS_KINESISVIDEO_ERROR_CODE: code };
  return Buffer.concat([liveHeader(), tags(told)]);
}

function send(response: ServerResponse, ...pieces: Buffer[]): void {
  response.writeHead(200, { 'content-type': 'video/webm' });
  response.end(Buffer.concat(pieces));
}

async function startWith(
  t: TestContext,
  answer: FakeAnswer,
  options: Partial<GetMediaOptions> = {},
) {
  const { endpoint, requests } = await startFakeData(t, answer);
  const logged: string[] = [];
  const logger = { warn: (_details: object, text: string) => logged.push(text) };
  const consumer = makeConsumer(t, endpoint, { dataEndpoint: endpoint, logger });
  const reading = consumer.getMedia({ streamName: 'cam', start: 'earliest', ...options });
  t.after(() => reading.return());
  const selectors = (): unknown[] =>
    requests.map(({ input }) => {
      const { StartSelectorType: type, ...members } = input['StartSelector'] as object & {
        StartSelectorType: string;
      };
      return [type, ...Object.values(members)];
    });
  return { reading, selectors, requests, logged };
}

/** The next fragments of a reading: number, state and frames of each. */
async function read(
  reading: AsyncGenerator<LiveFragment, void>,
  count: number,
): Promise<readonly [number: string, state: string, frames: number][]> {
  const seen: [string, string, number][] = [];
  while (seen.length < count) {
    const { value } = await reading.next();
    assert.ok(value);
    let frames = 0;
    for await (const frame of value.frames()) frames += frame.data.length > 0 ? 1 : 0;
    seen.push([value.fragmentNumber, value.state, frames]);
  }
  return seen;
}

async function failureOf(work: Promise<unknown>): Promise<KinesisVideoError> {
  const error = await work.catch((thrown: unknown) => thrown);
  assert.instance(error, KinesisVideoError);
  return error as KinesisVideoError;
}

test('it goes on behind the token of the last whole fragment', async (t) => {
  const cut = chunk(2, { isEnded: false });
  const { reading, selectors } = await startWith(t, (response, _request, count) => {
    if (count === 0) send(response, chunk(0), chunk(1), cut.subarray(0, cut.length - 50));
    else send(response, chunk(2), chunk(3));
  });
  assert.equal(await read(reading, 4), [
    ['100', 'whole', 2],
    ['101', 'whole', 2],
    ['102', 'whole', 2],
    ['103', 'whole', 2],
  ]);
  assert.equal(selectors(), [['EARLIEST'], ['CONTINUATION_TOKEN', '101']]);
});

test('a fragment cut off at the very beginning is asked for by its time', async (t) => {
  const { reading, selectors } = await startWith(
    t,
    (response, _request, count) => {
      send(response, chunk(0, { isEnded: count > 0 }));
    },
    { start: 'now' },
  );
  assert.equal(await read(reading, 1), [['100', 'whole', 2]]);
  assert.equal(selectors(), [['NOW'], ['SERVER_TIMESTAMP', START]]);
});

test('what the service sends twice is given out once', async (t) => {
  const { reading } = await startWith(t, (response, _request, count) => {
    if (count === 0) send(response, chunk(0), chunk(1));
    else send(response, chunk(0), chunk(1), chunk(2));
  });
  const numbers = (await read(reading, 3)).map(([number]) => number);
  assert.equal(numbers, ['100', '101', '102']);
});

test('throttling and failures of the service are waited for', async (t) => {
  const { reading, requests } = await startWith(t, (response, _request, count) => {
    if (count === 1) refuse(response, 'ClientLimitExceededException', 'too often');
    else if (count === 2) refuse(response, 'InternalFailure', 'ouch', 500);
    else if (count === 3) refuse(response, 'ConnectionLimitExceededException', 'too many');
    else send(response, chunk(count === 0 ? 0 : 1));
  });
  assert.equal(await read(reading, 2), [
    ['100', 'whole', 2],
    ['101', 'whole', 2],
  ]);
  assert.is(requests.length, 5);
});

test('a stream that was deleted is waited for, unless the reading has an end', async (t) => {
  const answer: FakeAnswer = (response, _request, count) => {
    if (count === 1) refuse(response, 'ResourceNotFoundException', 'gone', 404);
    else send(response, chunk(count === 0 ? 0 : 1));
  };
  const { reading, logged } = await startWith(t, answer);
  assert.is((await read(reading, 2)).length, 2);
  assert.match(logged.join(), /^Reading stream "cam" goes on in \d+ ms: [^]*gone/);

  const cutThenGone: FakeAnswer = (response, request, count) => {
    if (count === 0) send(response, chunk(0, { isEnded: false }));
    else return answer(response, request, 1);
  };
  const { reading: bounded } = await startWith(t, cutThenGone, { endless: false });
  const error = await failureOf(read(bounded, 1));
  assert.is(error.code, 'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR');
});

test('a stream that was never there is told', async (t) => {
  const { reading, requests } = await startWith(t, (response) => {
    refuse(response, 'ResourceNotFoundException', 'no such stream', 404);
  });
  const error = await failureOf(reading.next());
  assert.is(error.code, 'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR');
  assert.is(requests.length, 1);
});

test('the fragments of a stream that was made anew are read, and the gap is told', async (t) => {
  const { reading, selectors } = await startWith(t, (response, { input }, count) => {
    const { StartSelectorType: type } = input['StartSelector'] as { StartSelectorType: string };
    if (count === 0) send(response, chunk(8), chunk(9));
    else if (type === 'CONTINUATION_TOKEN' && count === 1) {
      refuse(response, 'InvalidArgumentException', 'not of this stream');
    } else if (count === 2) {
      // Numbers that are lower than those that were read; the connection ends in the second fragment.
      const [first, second] = [chunk(0, { time: 60 }), chunk(1, { time: 61, isEnded: false })];
      send(response, first, second);
    } else send(response, chunk(1, { time: 61 }), chunk(2, { time: 62 }));
  });
  assert.is((await read(reading, 2)).length, 2);
  const { value } = await reading.next();
  assert.equal((value as LiveFragment).gapBefore, {
    reason: 'recreated',
    from: { fragmentNumber: '109', timestamp: (START + 10) * 1000 },
    to: { fragmentNumber: '100', timestamp: (START + 60) * 1000 },
    duration: 50_000,
  });
  assert.equal(await read(reading, 2), [
    ['101', 'whole', 2],
    ['102', 'whole', 2],
  ]);
  assert.equal(selectors(), [
    ['EARLIEST'],
    ['CONTINUATION_TOKEN', '109'],
    ['SERVER_TIMESTAMP', START + 9],
    ['CONTINUATION_TOKEN', '100'],
  ]);
});

test('frames that a producer sends again behind a cut are given out once, without a gap', async (t) => {
  const { reading } = await startWith(t, (response, _request, count) => {
    if (count === 0) send(response, chunk(0), chunk(1, { isEnded: false }));
    else send(response, chunk(4, { time: 1, body: LONGER }), chunk(5, { time: 2 }));
  });
  assert.equal(await read(reading, 2), [
    ['100', 'whole', 2],
    ['101', 'cut', 2],
  ]);
  const { value } = await reading.next();
  assert.ok(value);
  const times: number[] = [];
  for await (const { producerTimestamp } of value.frames()) times.push(producerTimestamp ?? 0);
  assert.equal(times, [(START + 1) * 1000 + 250, (START + 1) * 1000 + 750]);
  assert.is(value.fragmentNumber, '104');
  assert.is(value.gapBefore, undefined);
  assert.equal(await read(reading, 1), [['105', 'whole', 2]]);
});

test('what comes behind a cut fragment and is no part of it is given out, with the gap', async (t) => {
  const { reading } = await startWith(t, (response, _request, count) => {
    if (count === 0) send(response, chunk(1, { isEnded: false }));
    else send(response, chunk(4, { time: 0 }), chunk(5, { time: 1 }));
  });
  assert.equal(await read(reading, 1), [['101', 'cut', 2]]);
  const { value } = await reading.next();
  assert.is(value?.gapBefore?.reason, 'cut');
  assert.equal(await read(reading, 1), [['105', 'whole', 0]]);
});

test('where the token is refused, it goes on by time and passes over what was read', async (t) => {
  const { reading, selectors } = await startWith(t, (response, { input }, count) => {
    const { StartSelectorType: type } = input['StartSelector'] as { StartSelectorType: string };
    if (type === 'CONTINUATION_TOKEN') refuse(response, 'InvalidArgumentException', 'expired');
    else if (count === 0) send(response, chunk(0));
    else send(response, chunk(0), chunk(60));
  });
  await read(reading, 1);
  const { value } = await reading.next();
  assert.equal((value as LiveFragment).gapBefore, {
    reason: 'unavailable',
    from: { fragmentNumber: '100', timestamp: (START + 1) * 1000 },
    to: { fragmentNumber: '160', timestamp: (START + 60) * 1000 },
    duration: 59_000,
  });
  assert.equal(selectors(), [
    ['EARLIEST'],
    ['CONTINUATION_TOKEN', '100'],
    ['SERVER_TIMESTAMP', START],
  ]);
});

test('an error in the stream is waited for, and one about its key is told', async (t) => {
  const { reading, logged } = await startWith(t, (response, _request, count) => {
    if (count === 0) send(response, chunk(0), errorChunk(5000, 'INTERNAL_ERROR'));
    else if (count === 1) send(response, errorChunk(4000, 'FRAGMENT_NOT_FOUND'));
    else if (count === 2) send(response, chunk(1));
    else send(response, errorChunk(4500, 'KMS_KEY_ACCESS_DENIED'));
  });
  assert.is((await read(reading, 2)).length, 2);
  const error = await failureOf(reading.next());
  assert.is(error.code, 'STATUS_ACK_ERR_KMS_KEY_ACCESS_DENIED');
  assert.match(error.message, /^The media of stream "cam" cannot be decrypted \(error 4500/);
  assert.is(logged.length, 2);
  assert.match(logged[0] ?? '', /^Reading stream "cam" goes on in \d+ ms: error 5000 INTERNAL/);
});

test('a connection that falls silent is made anew', async (t) => {
  const { reading, requests } = await startWith(
    t,
    (response, _request, count) => {
      if (count > 0) send(response, chunk(0), chunk(1));
      else response.writeHead(200).write(chunk(0, { isEnded: false }));
    },
    { idleTimeout: 200 },
  );
  assert.equal(await read(reading, 2), [
    ['100', 'whole', 2],
    ['101', 'whole', 2],
  ]);
  assert.is(requests.length, 2);
});

test('a fragment that stays damaged is cut, and reading goes on behind it', async (t) => {
  const frames = [simpleBlock(1, 0), Buffer.from('0000', 'hex')];
  const broken = chunk(1, { body: sizedCluster(1000, ...frames) });
  const { reading, selectors } = await startWith(t, (response, { input }) => {
    const { AfterFragmentNumber: after, ContinuationToken: token } = input['StartSelector'] as {
      AfterFragmentNumber?: string;
      ContinuationToken?: string;
    };
    if (after === '101') send(response, chunk(2));
    else send(response, ...(token === undefined ? [chunk(0)] : []), broken);
  });
  assert.equal(await read(reading, 2), [
    ['100', 'whole', 2],
    ['101', 'cut', 1],
  ]);
  const { value } = await reading.next();
  assert.ok(value);
  assert.is(value.fragmentNumber, '102');
  assert.is(value.gapBefore?.reason, 'cut');
  assert.equal(selectors().at(-1), ['FRAGMENT_NUMBER', '101']);
});

test('an answer that is no Matroska is told', async (t) => {
  const { reading } = await startWith(t, (response) => {
    send(response, Buffer.from('<html>please sign in</html>'));
  });
  const error = await failureOf(reading.next());
  assert.is(error.code, 'STATUS_FORMAT_ERROR');
  assert.match(error.message, /^The media of stream "cam" are damaged/);
});

test('media without the tags of the service are told', async (t) => {
  const { reading } = await startWith(t, (response) => {
    send(response, liveHeader(), cluster(0, simpleBlock(1, 0)));
  });
  const error = await failureOf(reading.next());
  assert.match(error.message, /^A fragment of stream "cam" came without a number/);
});

test('a reading that is not endless gives up a fragment whose rest does not come', async (t) => {
  const { reading, requests } = await startWith(
    t,
    (response) => {
      send(response, chunk(0, { isEnded: false }));
    },
    { endless: false },
  );
  assert.equal(await read(reading, 1), [['100', 'cut', 2]]);
  assert.is((await reading.next()).done, true);
  assert.ok(requests.length > 1);
});
