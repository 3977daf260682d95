import fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  BlockHeaderScanner,
  EbmlReader,
  ElementId,
  MatroskaError,
  readFrames,
  readInfo,
  readTags,
  readTracks,
} from '../../ts/parser/index.js';
import { suite } from '../support/suite.js';
import { pieces, read } from './support/events.js';
import {
  audioTrack,
  blockContent,
  blockGroup,
  cluster,
  el,
  liveStream,
  sizedCluster,
  simpleBlock,
  tags,
  strippedHeader,
  videoTrack,
  liveHeader,
} from './support/mkv.js';

const test = suite('Hostile Matroska', { timeout: 60_000 });

const VALID = Buffer.concat([
  liveHeader(videoTrack(), audioTrack()),
  sizedCluster(0, simpleBlock(1, 0), blockGroup(2, 3, Buffer.alloc(10), 20)),
  tags({ name: 'value' }),
  liveStream([0, 100]).subarray(liveHeader().length),
]);

/** Reads as the endpoint does; returns false when the input was refused. Other errors get through. */
function accepts(input: readonly Uint8Array[]): boolean {
  const scanner = new BlockHeaderScanner();
  const reader = new EbmlReader(
    {
      start: () => {
        scanner.reset();
      },
      value: ({ id }, data) => {
        if (id === ElementId.Tracks) readTracks(data);
        if (id === ElementId.Tags) readTags(data);
        if (id === ElementId.Info) readInfo(data);
      },
      data: (_element, piece) => scanner.push(piece),
    },
    { collected: [ElementId.Info, ElementId.Tracks, ElementId.Tags] },
  );
  try {
    for (const piece of input) reader.push(piece);
    reader.end();
    return true;
  } catch (error) {
    if (error instanceof MatroskaError) return false;
    throw error;
  }
}

test('any bytes give events or a MatroskaError, and nothing else', () => {
  const anyPieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 });
  fc.assert(
    fc.property(anyPieces, (input) => {
      accepts(input);
    }),
    { numRuns: 3000 },
  );
});

test('media with changed bytes give events or a MatroskaError, and nothing else', () => {
  const change = fc.record({ at: fc.nat(VALID.length - 1), to: fc.nat(255) });
  const changes = fc.array(change, { minLength: 1, maxLength: 8 });
  const length = fc.integer({ min: 1, max: 600 });
  let accepted = 0;
  fc.assert(
    fc.property(changes, length, (list, pieceLength) => {
      const input = Buffer.from(VALID);
      for (const { at, to } of list) input[at] = to;
      if (accepts(pieces(input, pieceLength))) accepted += 1;
    }),
    { numRuns: 5000 },
  );
  assert.ok(accepted > 0, 'some changes hit a frame and are valid');
  assert.ok(accepted < 5000, 'some changes hit a header and are not');
});

test('media that are cut anywhere are read up to the cut', () => {
  for (let length = 0; length <= VALID.length; length += 1) accepts([VALID.subarray(0, length)]);
});

test('the events do not depend on where the input is cut', () => {
  const whole = read([VALID]).events;
  const cuts = fc.array(fc.nat(VALID.length), { maxLength: 40 });
  fc.assert(
    fc.property(cuts, (places) => {
      const ends = [...new Set([...places, VALID.length])].sort((a, b) => a - b);
      const input = ends.map((end, i) => VALID.subarray(ends[i - 1] ?? 0, end));
      const split = read(input);
      assert.equal(split.events, whole);
      assert.ok(split.bytes.equals(VALID));
    }),
    { numRuns: 300 },
  );
});

test('memory does not grow with the size of frames, clusters or padding', () => {
  const megabyte = Buffer.alloc(1_000_000, 0xa5);
  const size = '0100000010000000';
  const openElements = {
    SimpleBlock: `1f43b675ffa3${size}`,
    Block: `1f43b675ffa001000000ff000000a1${size}`,
    Void: `ec${size}`,
    Attachments: `1941a469${size}`,
    unknown: `4fff${size}`,
  };
  for (const [name, start] of Object.entries(openElements)) {
    const reader = new EbmlReader({});
    reader.push(liveHeader());
    reader.push(Buffer.from(start, 'hex'));
    const before = process.memoryUsage();
    for (let i = 0; i < 200; i += 1) reader.push(megabyte);
    const after = process.memoryUsage();
    const grown = after.arrayBuffers - before.arrayBuffers + after.heapUsed - before.heapUsed;
    assert.ok(grown < 8_000_000, `200 MB of ${name} left ${grown} bytes`);
  }
});

/** Reads frames; returns how many there are, and the code of the MatroskaError behind them. */
async function countFrames(input: Uint8Array, maxFrameBytes?: number): Promise<[number, string?]> {
  const tracks: number[] = [];
  try {
    const options = maxFrameBytes === undefined ? {} : { maxFrameBytes };
    for await (const { trackNumber } of readFrames(input, options)) tracks.push(trackNumber);
    return [tracks.length];
  } catch (error) {
    assert.instance(error, MatroskaError);
    return [tracks.length, (error as MatroskaError).code];
  }
}

/** A block of 256 frames without a byte: in fixed lacing, or with a size for each. */
const FIXED_LACE = el('a3', blockContent(1, 0, Buffer.from([255]), 0x84));
const XIPH_LACE = el(
  'a3',
  blockContent(1, 0, Buffer.concat([Buffer.from([255]), Buffer.alloc(255)]), 0x82),
);

test('frames of which a block tells nothing but the number are refused', async () => {
  const bomb = Buffer.concat([liveHeader(), cluster(0, ...Array<Buffer>(800).fill(FIXED_LACE))]);
  assert.equal(await countFrames(bomb), [0, 'INVALID_VALUE']);
  const lone = el('a3', blockContent(1, 0, Buffer.from([0]), 0x84));
  assert.equal(await countFrames(Buffer.concat([liveHeader(), cluster(0, lone)])), [1]);
});

test('what is left out of frames is put back only when it is short', async () => {
  const media = cluster(0, simpleBlock(1, 0));
  assert.equal(await countFrames(Buffer.concat([strippedHeader(256), media])), [1]);
  for (const size of [257, 3_000_000]) {
    const bomb = Buffer.concat([strippedHeader(size), media]);
    assert.equal(await countFrames(bomb), [0, 'ELEMENT_TOO_LARGE'], `${size} bytes`);
  }
});

test('the bytes that are put back in the frames of a Cluster are limited', async () => {
  const input = Buffer.concat([strippedHeader(100), cluster(0, XIPH_LACE, XIPH_LACE)]);
  assert.equal(await countFrames(input, 512 * 100), [512]);
  assert.equal(await countFrames(input, 512 * 100 - 1), [256, 'ELEMENT_TOO_LARGE']);
});

test('timers and signals have their turn while many frames are read from memory', async () => {
  const input = Buffer.concat([liveHeader(), cluster(0, ...Array<Buffer>(400).fill(XIPH_LACE))]);
  const stop = new AbortController();
  const timer = setTimeout(() => {
    stop.abort(new Error('enough'));
  }, 1);
  const tracks: number[] = [];
  try {
    const { signal } = stop;
    for await (const { trackNumber } of readFrames(input, { signal })) tracks.push(trackNumber);
    assert.unreachable('it is not aborted');
  } catch (error) {
    assert.is((error as Error).message, 'enough');
    assert.ok(tracks.length < 102_400, `${tracks.length} frames`);
  } finally {
    clearTimeout(timer);
  }
});
