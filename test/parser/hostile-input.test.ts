import fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  BlockHeaderScanner,
  EbmlReader,
  ElementId,
  MatroskaError,
  readInfo,
  readTags,
  readTracks,
} from '../../ts/parser/index.js';
import { suite } from '../support/suite.js';
import { pieces, read } from './support/events.js';
import {
  audioTrack,
  blockGroup,
  liveStream,
  sizedCluster,
  simpleBlock,
  tags,
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
