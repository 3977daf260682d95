import * as assert from 'uvu/assert';
import type { FragmentEventName } from '../../ts/index.js';
import { suite } from '../support/suite.js';
import { failureOf, makeStream, putAll } from './support/client.js';
import { startFake, type FakeUpload } from './support/fake-service.js';
import { frames, START } from './support/media.js';

const test = suite('producer metadata');

const readAndAck = (upload: FakeUpload): void => {
  upload.readAndAck();
};

/** The fragments of an upload as text, from each cluster to the next. */
function fragmentsOf({ chunks }: FakeUpload): string[] {
  return Buffer.concat(chunks).toString('latin1').split('\x1f\x43\xb6\x75').slice(1);
}

/** How often a text stands in each fragment. */
function countIn(fragments: readonly string[], text: string): number[] {
  return fragments.map((fragment) => fragment.split(text).length - 1);
}

test('events go with the open fragment, each exactly once, the first and the last included', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const media = frames({ count: 30 });
  await putAll(stream, media.slice(0, 3));
  stream.putEventMetadata('image-generation', {
    imagePrefix: 'front/',
    metadata: { zone: 'door' },
  });
  await putAll(stream, media.slice(3, 25));
  stream.putEventMetadata(['notification', 'image-generation']);
  await putAll(stream, media.slice(25));
  assert.is((await stream.stop()).complete, true);
  const fragments = fragmentsOf(await fake.upload(0));
  assert.equal(countIn(fragments, 'AWS_KINESISVIDEO_IMAGE_GENERATION'), [1, 0, 1]);
  assert.equal(countIn(fragments, 'AWS_KINESISVIDEO_IMAGE_PREFIX'), [1, 0, 0]);
  assert.equal(countIn(fragments, 'front/'), [1, 0, 0]);
  assert.equal(countIn(fragments, 'zone'), [1, 0, 0]);
  assert.equal(countIn(fragments, 'AWS_KINESISVIDEO_NOTIFICATION'), [0, 0, 1]);
});

test('an event that cannot be sent is refused with its name, and nothing is pending', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const refused = async (...args: unknown[]): Promise<string> => {
    const error = await failureOf(() => {
      (stream.putEventMetadata as (...all: unknown[]) => void).apply(stream, args);
    });
    return error.code;
  };
  assert.is(await refused('notification'), 'STATUS_STREAM_NOT_STARTED');
  await putAll(stream, frames({ count: 5 }));
  const long = (length: number): string => 'x'.repeat(length);
  const wrong: [events: unknown, options: unknown, code: string][] = [
    ['picture', undefined, 'STATUS_INVALID_ARG'],
    [[], undefined, 'STATUS_INVALID_ARG'],
    ['notification', { metadata: { a: 5 } }, 'STATUS_INVALID_ARG'],
    ['notification', { metdata: {} }, 'STATUS_INVALID_ARG'],
    ['image-generation', { imagePrefix: long(257) }, 'STATUS_INVALID_IMAGE_PREFIX_LENGTH'],
    ['image-generation', { imagePrefix: 'AWS-x' }, 'STATUS_INVALID_METADATA_NAME'],
    ['notification', { metadata: { AWS_x: 'v' } }, 'STATUS_INVALID_METADATA_NAME'],
    [
      'notification',
      { metadata: { [long(129)]: 'v' } },
      'STATUS_INVALID_IMAGE_METADATA_KEY_LENGTH',
    ],
    ['notification', { metadata: { a: long(257) } }, 'STATUS_INVALID_IMAGE_METADATA_VALUE_LENGTH'],
  ];
  for (const [events, options, code] of wrong) {
    assert.is(await refused(events, options), code, JSON.stringify([events, options]));
  }
  stream.putEventMetadata('notification');
  assert.is(await refused('notification'), 'STATUS_DUPLICATE_STREAM_EVENT_TYPE');
  assert.match(
    (
      await failureOf(() => {
        stream.putEventMetadata('notification');
      })
    ).message,
    /^Stream "cam" did not take the event notification\. /,
  );
  assert.is((await stream.stop()).complete, true);
  assert.equal(countIn(fragmentsOf(await fake.upload(0)), 'NOTIFICATION'), [1]);
});

test('a fragment takes ten items, and the next one ten more', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const media = frames({ count: 20 });
  for (const part of [media.slice(0, 10), media.slice(10)]) {
    await putAll(stream, part.slice(0, 2));
    for (let item = 0; item < 10; item += 1) stream.putFragmentMetadata(`item${item}`, 'value');
    const { code } = await failureOf(() => {
      stream.putFragmentMetadata('item10', 'value');
    });
    assert.is(code, 'STATUS_MAX_FRAGMENT_METADATA_COUNT');
    await putAll(stream, part.slice(2));
  }
  assert.is((await stream.stop()).complete, true);
  assert.equal(countIn(fragmentsOf(await fake.upload(0)), 'item'), [10, 10]);
});

test('flags of NAL adaptation and codec private data are checked', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const codeOf = async (work: () => void): Promise<string> => (await failureOf(work)).code;
  assert.is(
    await codeOf(() => {
      stream.setNalAdaptationFlags(24);
    }),
    'STATUS_MKV_BOTH_ANNEXB_AND_AVCC_SPECIFIED',
  );
  assert.is(
    await codeOf(() => {
      stream.setCodecPrivateData(7, new Uint8Array(5));
    }),
    'STATUS_MKV_TRACK_INFO_NOT_FOUND',
  );
  assert.is(
    await codeOf(() => {
      stream.setCodecPrivateData(1, 'text' as never);
    }),
    'STATUS_INVALID_ARG',
  );
  assert.is(
    await codeOf(() => {
      stream.setCodecPrivateData(1, new Uint8Array(1024 * 1024 + 1));
    }),
    'STATUS_MKV_INVALID_CODEC_PRIVATE_LENGTH',
  );
  stream.setNalAdaptationFlags(0);
});

test('what is no metadata and no codec private data is refused with what is expected', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const pairs = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`k${index}`, 'v']));
  const calls: [() => void, RegExp][] = [
    [
      () => {
        stream.putFragmentMetadata(1 as never, 'v');
      },
      /a string .* for the metadata name .* 1\./,
    ],
    [
      () => {
        stream.putFragmentMetadata('n', 'a\0b');
      },
      /without NUL .* for the metadata value /,
    ],
    [
      () => {
        stream.putEventMetadata('notification', { metadata: pairs });
      },
      /at most 10 names /,
    ],
    [
      () => {
        stream.setCodecPrivateData('1' as never, new Uint8Array(4));
      },
      /whole number .* trackId /,
    ],
    [
      () => {
        stream.setCodecPrivateData(1, [] as never);
      },
      /Uint8Array of 1 byte to 1 MiB .* array/,
    ],
    [
      () => {
        stream.setCodecPrivateData(1, new Uint8Array(0));
      },
      /of 1 byte to 1 MiB .* of 0 bytes/,
    ],
    [
      () => {
        stream.putFrame({ data: Buffer.alloc(4), presentationTs: START, trackId: '1' as never });
      },
      /of track 1: the stream has the tracks 1 \(video\) only/,
    ],
  ];
  for (const [call, sentence] of calls) assert.match((await failureOf(call)).message, sentence);
});

/** Compiled only: names are checked by the compiler too. */
export const NAMES: readonly FragmentEventName[] = ['image-generation', 'notification'];
