import fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  FragmentParser,
  MatroskaError,
  readFragments,
  readFrames,
  type FragmentHeader,
  type MatroskaFrame,
} from '../../ts/parser/index.js';
import { suite } from '../support/suite.js';
import { pieces } from './support/events.js';
import { describeFragments, getMediaChunk, START } from './support/fragments.js';
import {
  blockContent,
  blockGroup,
  cluster,
  el,
  info,
  liveHeader,
  open,
  simpleBlock,
  tags,
  text,
  tracks,
  uint,
  videoTrack,
} from './support/mkv.js';

const test = suite('Fragments of GetMedia', { timeout: 60_000 });

const ANSWER = Buffer.concat([getMediaChunk(0), getMediaChunk(1, true), getMediaChunk(2)]);

async function framesOf(...parts: Buffer[]): Promise<MatroskaFrame[]> {
  const frames: MatroskaFrame[] = [];
  for await (const frame of readFrames(Buffer.concat(parts))) frames.push(frame);
  return frames;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.catch((thrown: unknown) => thrown);
  assert.instance(error, MatroskaError);
  return (error as MatroskaError).code;
}

test('fragments have numbers, times, tags on either side, and frames with absolute times', async () => {
  const lines = await describeFragments(getMediaChunk(1));
  const time = START * 1000 + 1250;
  assert.equal(
    lines.map((line) => line.replace(/ [0-9a-f]{8}$/, '')),
    [
      `fragment 91343852333181433 ${time} ${time} V_MPEG4/ISO/AVC+A_AAC`,
      `frame 1 1000 ${time} true undefined 300`,
      `frame 2 1010 ${time + 10} true 20 30`,
      `frame 1 1500 ${time + 500} true undefined 200`,
      `whole ${JSON.stringify({
        tags: [
          { name: 'room', value: 'kitchen' },
          { name: 'late', value: 'tag 1' },
        ],
        events: [],
        millisBehindNow: 17,
        continuationToken: 'token-1',
        duration: 1000,
        frames: 3,
        bytes: getMediaChunk(1).length,
        atEndOfInput: false,
      })}`,
    ],
  );
});

test('what is read does not depend on how the input is cut', async () => {
  const whole = await describeFragments(ANSWER);
  assert.is(whole.length, 15);
  assert.equal(await describeFragments(pieces(ANSWER, 1)), whole);
  const cuts = fc.array(fc.nat(ANSWER.length), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(cuts, async (places) => {
      const ends = [...new Set([...places, ANSWER.length])].sort((a, b) => a - b);
      const input = ends.map((end, i) => ANSWER.subarray(ends[i - 1] ?? 0, end));
      assert.equal(await describeFragments(input), whole);
    }),
    { numRuns: 60 },
  );
});

test('the bytes of the fragments together are the input', async () => {
  for (const length of [1, 7, 500, ANSWER.length]) {
    const bytes: Uint8Array[] = [];
    for await (const fragment of readFragments(pieces(ANSWER, length))) {
      bytes.push(await fragment.data());
    }
    assert.ok(Buffer.concat(bytes).equals(ANSWER), `pieces of ${length}`);
  }
});

test('a fragment is over with the token of the service, before anything follows', () => {
  const events: string[] = [];
  const parser = new FragmentParser({
    fragment: () => events.push('begins'),
    frame: () => events.push('frame'),
    end: ({ atEndOfInput }) => events.push(`ends ${atEndOfInput}`),
  });
  parser.push(getMediaChunk(0));
  assert.equal(events, ['begins', 'frame', 'frame', 'frame', 'ends false']);
});

test('a frame comes out with its last byte, long before its fragment ends', () => {
  const sizes: number[] = [];
  const parser = new FragmentParser({ frame: ({ data }) => sizes.push(data.length) });
  const answer = getMediaChunk(1);
  const end = answer.indexOf(Buffer.alloc(200, 0x81)) + 200;
  parser.push(answer.subarray(0, end - 1));
  assert.equal(sizes, [300, 30]);
  parser.push(answer.subarray(end - 1, end));
  assert.equal(sizes, [300, 30, 200]);
});

test('tracks are the same array for as long as they are described alike', () => {
  const seen: FragmentHeader['tracks'][] = [];
  const parser = new FragmentParser({ fragment: ({ tracks: found }) => seen.push(found) });
  const other = [liveHeader(videoTrack(1, Buffer.from('0142c01f', 'hex'))), cluster(0)];
  const answer = Buffer.concat([getMediaChunk(0), getMediaChunk(1), ...other, getMediaChunk(2)]);
  // In small pieces, so that memory is used again.
  for (let at = 0; at < answer.length; at += 10) parser.push(answer.subarray(at, at + 10));
  parser.end();
  const [first, second, third, fourth] = seen;
  assert.is(first?.length, 2);
  assert.is(second, first);
  assert.equal(
    third?.map(({ codecPrivate }) => Buffer.from(codecPrivate ?? []).toString('hex')),
    ['0142c01f'],
  );
  assert.is(fourth?.length, 2);
});

test('a Segment without tracks has none, whatever the one before had', () => {
  const seen: number[] = [];
  const bare = Buffer.concat([open('18538067', [], 'ff'), info(), cluster(0)]);
  const parser = new FragmentParser({ fragment: ({ tracks: found }) => seen.push(found.length) });
  parser.push(Buffer.concat([getMediaChunk(0), bare, getMediaChunk(1)]));
  assert.equal(seen, [2, 0, 2]);
});

test('a frame that lies in one chunk is not copied, and one that does not is never written to', async () => {
  const [frame] = await framesOf(getMediaChunk(5));
  assert.ok(frame);
  const chunk = new Uint8Array(getMediaChunk(5));
  for await (const { data } of readFrames(chunk)) assert.is(data.buffer, chunk.buffer);
  const kept: MatroskaFrame[] = [];
  for await (const split of readFrames(pieces(ANSWER, 64))) kept.push(split);
  const hashes = kept.map(({ data }) => new Set(data).size);
  assert.equal(
    hashes,
    Array.from({ length: 9 }, () => 1),
  );
});

test('key frames of block groups are those without reference, and durations are told', async () => {
  const group = el('a0', [
    el('a1', blockContent(1, 40, Buffer.alloc(5), 0)),
    el('fb', uint(1, 1)),
    el('9b', uint(33, 1)),
  ]);
  const frames = await framesOf(
    liveHeader(),
    cluster(10, blockGroup(1, 0, Buffer.alloc(4), 33), group),
  );
  assert.equal(
    frames.map(({ timestamp, keyFrame, duration }) => [timestamp, keyFrame, duration]),
    [
      [10, true, 33],
      [50, false, 33],
    ],
  );
});

test('laced frames come apart, each at its time', async () => {
  const laces = {
    xiph: Buffer.concat([Buffer.from([2, 3, 4]), Buffer.from('aaabbbbcc')]),
    fixed: Buffer.concat([Buffer.from([2]), Buffer.from('aabbcc')]),
    ebml: Buffer.concat([Buffer.from([2, 0x83, 0xc0]), Buffer.from('aaabbbbcc')]),
  };
  const track = el('1654ae6b', el('ae', [el('d7', uint(1, 1)), el('23e383', uint(20_000_000, 4))]));
  const header = Buffer.concat([liveHeader().subarray(0, -tracks().length), track]);
  const flags = { xiph: 0x82, fixed: 0x84, ebml: 0x86 };
  for (const [name, lace] of Object.entries(laces)) {
    const block = el('a3', blockContent(1, 0, lace, flags[name as keyof typeof flags]));
    const frames = await framesOf(header, cluster(100, block));
    assert.equal(
      frames.map(({ data, timestamp }) => [Buffer.from(data).toString(), timestamp]),
      name === 'fixed'
        ? [
            ['aa', 100],
            ['bb', 120],
            ['cc', 140],
          ]
        : [
            ['aaa', 100],
            ['bbbb', 120],
            ['cc', 140],
          ],
      name,
    );
  }
});

test('bytes that a writer has left out of every frame are put back', async () => {
  const encoding = el(
    '6d80',
    el('6240', el('5034', [el('4254', uint(3, 1)), el('4255', text('><'))])),
  );
  const track = el('1654ae6b', el('ae', [el('d7', uint(1, 1)), encoding]));
  const [frame] = await framesOf(
    liveHeader().subarray(0, -tracks().length),
    track,
    cluster(0, simpleBlock(1, 0, text('media'))),
  );
  assert.is(Buffer.from(frame?.data ?? []).toString(), '><media');
});

test('times follow the scale of their Segment', async () => {
  const header = Buffer.concat([
    liveHeader().subarray(0, -info().length - tracks().length),
    info(100_000),
    tracks(),
  ]);
  const frames = await framesOf(header, cluster(25, simpleBlock(1, 5)));
  assert.equal(
    frames.map(({ timestamp }) => timestamp),
    [3],
  );
});

test('events of the producer come with what they carry', async () => {
  const image = tags({
    AWS_KINESISVIDEO_IMAGE_GENERATION: '',
    AWS_KINESISVIDEO_IMAGE_PREFIX: 'door',
    who: 'cat',
  });
  const notify = tags({ AWS_KINESISVIDEO_NOTIFICATION: '', level: '3' });
  for await (const fragment of readFragments(
    Buffer.concat([liveHeader(), image, cluster(0, simpleBlock(1, 0)), notify]),
  )) {
    assert.equal(fragment.events, [
      { type: 'image-generation', imagePrefix: 'door', metadata: { who: 'cat' } },
    ]);
    const { events, tags: plain } = await fragment.finish();
    assert.equal(events[1], { type: 'notification', metadata: { level: '3' } });
    assert.equal(plain, []);
  }
});

test('what the service could not give is told, or rejects', async () => {
  const failed = tags({
    AWS_KINESISVIDEO_FRAGMENT_NUMBER: '7',
    AWS_KINESISVIDEO_EXCEPTION_ERROR_CODE: '4000',
    AWS_KINESISVIDEO_EXCEPTION_MESSAGE: 'not found',
  });
  const answer = Buffer.concat([getMediaChunk(0), liveHeader(), failed, getMediaChunk(1)]);
  const told: unknown[] = [];
  const lines = await describeFragments(answer, { onError: (error) => told.push(error) });
  assert.is(lines.filter((line) => line.startsWith('fragment')).length, 2);
  assert.equal(told, [{ fragmentNumber: '7', id: 4000, message: 'not found' }]);
  assert.is(await codeOf(describeFragments(answer)), 'SERVICE_ERROR');
});

test('input that is cut off gives what was whole, and rejects', async () => {
  const cut = ANSWER.subarray(0, getMediaChunk(0).length + getMediaChunk(1, true).length - 250);
  const seen: string[] = [];
  const work = async (): Promise<void> => {
    for await (const fragment of readFragments(cut)) {
      for await (const frame of fragment.frames()) seen.push(`${frame.timestamp}`);
    }
  };
  assert.is(await codeOf(work()), 'TRUNCATED');
  assert.equal(seen, ['0', '10', '500', '1000', '1010']);
});

test('the source is closed when the loop is left, and the signal ends the reading', async () => {
  let closed = 0;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for (let index = 0; ; index += 1) yield getMediaChunk(index);
    } finally {
      closed += 1;
    }
  }
  for await (const fragment of readFragments(source())) {
    await fragment.finish();
    break;
  }
  assert.is(closed, 1);
  const stop = new AbortController();
  const reason = new Error('enough');
  const work = describeFragments(
    (async function* () {
      yield getMediaChunk(0);
      stop.abort(reason);
      await new Promise(() => undefined);
    })(),
    { signal: stop.signal },
  );
  assert.is(await work.catch((error: unknown) => error), reason);
});

test('streams of the web are read, with and without iterators', async () => {
  const whole = await describeFragments(ANSWER);
  const stream = new Blob([ANSWER]).stream();
  assert.equal(await describeFragments(stream as AsyncIterable<Uint8Array>), whole);
  const reader = new Blob([ANSWER]).stream().getReader();
  assert.equal(await describeFragments({ getReader: () => reader as never }), whole);
});

test('media with changed bytes give fragments or a MatroskaError, and nothing else', async () => {
  const change = fc.record({ at: fc.nat(ANSWER.length - 1), to: fc.nat(255) });
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 6 }),
      fc.nat(600),
      async (changes, size) => {
        const input = Buffer.from(ANSWER);
        for (const { at, to } of changes) input[at] = to;
        try {
          await describeFragments(pieces(input, size + 1));
          accepted += 1;
        } catch (error) {
          assert.instance(error, MatroskaError);
        }
      },
    ),
    { numRuns: 400 },
  );
  assert.ok(accepted > 0 && accepted < 400, String(accepted));
});

test('what claims to be large takes no memory, and what is too large is refused', async () => {
  const claim = (size: string): Buffer =>
    Buffer.concat([liveHeader(), open('1f43b675', Buffer.from(`a3${size}`, 'hex'), 'ff')]);
  const before = process.memoryUsage().arrayBuffers;
  const parsers = Array.from({ length: 50 }, () => {
    const parser = new FragmentParser({});
    parser.push(claim('0100000003000000'));
    parser.push(Buffer.alloc(100));
    return parser;
  });
  const grown = process.memoryUsage().arrayBuffers - before;
  assert.ok(grown < 60_000_000, `${parsers.length} parsers hold ${grown} bytes`);
  assert.is(await codeOf(describeFragments(claim('0100000010000000'))), 'ELEMENT_TOO_LARGE');
  assert.is(await codeOf(describeFragments(ANSWER, { maxFrameBytes: 100 })), 'ELEMENT_TOO_LARGE');
  const many = Array.from({ length: 1100 }, (_, index) => tags({ [`tag${index}`]: 'x' }));
  const endless = Buffer.concat([liveHeader(), cluster(0, simpleBlock(1, 0)), ...many]);
  assert.is(await codeOf(describeFragments(endless)), 'INVALID_VALUE');
  const heavy = Array.from({ length: 9 }, () => el('ec', Buffer.alloc(1_000_000)));
  assert.is(
    await codeOf(describeFragments(Buffer.concat([liveHeader(videoTrack()), ...heavy]))),
    'ELEMENT_TOO_LARGE',
  );
});
