import * as assert from 'uvu/assert';
import {
  children,
  ElementId,
  MatroskaError,
  readBlockHeader,
  BlockHeaderScanner,
  readDate,
  readFloat,
  readInfo,
  readSigned,
  readString,
  readTags,
  readTracks,
  readUnsigned,
  readUnsignedBig,
} from '../../ts/parser/index.js';
import { suite } from '../support/suite.js';
import {
  audioTrack,
  blockContent,
  el,
  info,
  tags,
  text,
  tracks,
  uint,
  videoTrack,
} from './support/mkv.js';

const test = suite('Matroska elements');

/** The content of a single element. */
function content(element: Buffer): Uint8Array {
  const [child] = children(element);
  assert.ok(child);
  return child.data;
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof MatroskaError) return error.code;
    throw error;
  }
  return 'nothing';
}

test('reads integers of every length, and refuses those that a number cannot hold', () => {
  assert.is(readUnsigned(Buffer.alloc(0)), 0);
  assert.is(readUnsigned(Buffer.from('ff', 'hex')), 255);
  assert.is(readUnsigned(Buffer.from('0102030405', 'hex')), 0x0102030405);
  assert.is(readUnsigned(Buffer.from('001fffffffffffff', 'hex')), Number.MAX_SAFE_INTEGER);
  assert.is(readUnsignedBig(Buffer.from('fedcba9876543210', 'hex')), 0xfedcba9876543210n);
  assert.is(
    codeOf(() => readUnsigned(Buffer.from('0020000000000000', 'hex'))),
    'INVALID_VALUE',
  );
  assert.is(
    codeOf(() => readUnsigned(Buffer.alloc(9))),
    'INVALID_VALUE',
  );
});

test('reads negative integers of every length', () => {
  assert.is(readSigned(Buffer.alloc(0)), 0);
  assert.is(readSigned(Buffer.from('ff', 'hex')), -1);
  assert.is(readSigned(Buffer.from('7f', 'hex')), 127);
  assert.is(readSigned(Buffer.from('ffd8', 'hex')), -40);
  assert.is(readSigned(Buffer.from('fffffffffffffff6', 'hex')), -10);
  assert.is(
    codeOf(() => readSigned(Buffer.from('8000000000000000', 'hex'))),
    'INVALID_VALUE',
  );
});

test('reads floats, dates and text', () => {
  assert.is(readFloat(Buffer.from('3fc00000', 'hex')), 1.5);
  assert.is(readFloat(Buffer.from('40e7700000000000', 'hex')), 48000);
  assert.is(readFloat(Buffer.alloc(0)), 0);
  assert.is(
    codeOf(() => readFloat(Buffer.alloc(3))),
    'INVALID_VALUE',
  );
  assert.is(readDate(uint(86_400_000_000_000n)), Date.UTC(2001, 0, 2));
  assert.is(readString(text('größe\0\0 rest')), 'größe');
});

test('reads the tracks of a Segment', () => {
  const [video, audio] = readTracks(
    content(tracks(videoTrack(1, Buffer.from('0142', 'hex')), audioTrack(2))),
  );
  assert.equal(video, {
    number: 1,
    uid: 0xfedcba9876543210n,
    type: 'video',
    codecId: 'V_MPEG4/ISO/AVC',
    codecPrivate: Buffer.from('0142', 'hex'),
    video: { width: 640, height: 480 },
  });
  assert.equal(audio, {
    number: 2,
    uid: 2n,
    type: 'audio',
    codecId: 'A_AAC',
    audio: { samplingFrequency: 48000, channels: 2, bitDepth: 16 },
  });
});

test('refuses a track without number and more tracks than any file has', () => {
  assert.is(
    codeOf(() => readTracks(el('ae', el('83', uint(1, 1))))),
    'MISSING_ELEMENT',
  );
  const many = Buffer.concat(Array.from({ length: 2000 }, () => el('ae', el('d7', uint(1, 1)))));
  assert.is(
    codeOf(() => readTracks(many)),
    'INVALID_VALUE',
  );
});

test('reads the timestamp scale and uses a millisecond where there is none', () => {
  assert.is(readInfo(content(info(10_000))).timestampScale, 10_000);
  assert.equal(readInfo(el('7ba9', text('t'))), { timestampScale: 1_000_000, title: 't' });
  assert.is(
    codeOf(() => readInfo(el('2ad7b1', uint(0)))),
    'INVALID_VALUE',
  );
});

test('reads tags with their targets and nested tags', () => {
  assert.equal(readTags(content(tags({ place: 'lab', empty: '' }))), [
    {
      targetUids: [],
      simpleTags: [
        { name: 'place', string: 'lab', children: [] },
        { name: 'empty', string: '', children: [] },
      ],
    },
  ]);
  const targets = el('63c0', [el('63c5', uint(0)), el('63c5', uint(77))]);
  const nested = el('67c8', [el('45a3', text('a')), el('67c8', el('45a3', text('b')))]);
  assert.equal(readTags(el('7373', [targets, nested])), [
    { targetUids: [77n], simpleTags: [{ name: 'a', children: [{ name: 'b', children: [] }] }] },
  ]);
});

test('refuses tags nested without end, and survives a million of targets', () => {
  let nested = el('67c8');
  for (let i = 0; i < 40; i += 1) nested = el('67c8', nested);
  assert.is(
    codeOf(() => readTags(el('7373', nested))),
    'TOO_DEEP',
  );
  const target = el('63c5', uint(1, 1));
  const targets = el('63c0', Buffer.concat(Array.from({ length: 300_000 }, () => target)));
  assert.is(readTags(el('7373', targets))[0]?.targetUids.length, 300_000);
});

test('refuses children that do not fill their parent', () => {
  assert.is(
    codeOf(() => [...children(Buffer.from('ec', 'hex'))]),
    'TRUNCATED',
  );
  assert.is(
    codeOf(() => [...children(Buffer.from('ec8300', 'hex'))]),
    'SIZE_EXCEEDS_PARENT',
  );
  assert.is(
    codeOf(() => [...children(Buffer.from('ecff00', 'hex'))]),
    'UNKNOWN_SIZE_NOT_ALLOWED',
  );
});

test('reads the header of a block, whose time can be negative', () => {
  const header = readBlockHeader(blockContent(2, -40, Buffer.from('aabb', 'hex'), 0x81));
  assert.equal(header, {
    trackNumber: 2,
    relativeTime: -40,
    keyFrame: true,
    discardable: true,
    laced: false,
    length: 4,
  });
  assert.is(readBlockHeader(Buffer.from('400300288600', 'hex'))?.trackNumber, 3);
  assert.is(readBlockHeader(Buffer.from('8100', 'hex')), undefined);
  assert.is(
    codeOf(() => readBlockHeader(Buffer.from('00810000', 'hex'))),
    'INVALID_VALUE',
  );
});

test('finds the header of a block that arrives byte by byte, once', () => {
  const scanner = new BlockHeaderScanner();
  for (const block of [blockContent(1, 7, Buffer.alloc(20)), blockContent(2, 9, Buffer.alloc(0))]) {
    scanner.reset();
    const found = [...block].flatMap((byte) => scanner.push(Uint8Array.of(byte)) ?? []);
    assert.equal(found, [readBlockHeader(block)]);
    scanner.end();
  }
  scanner.reset();
  scanner.push(Uint8Array.of(0x81, 0));
  assert.is(
    codeOf(() => {
      scanner.end();
    }),
    'TRUNCATED',
  );
});

test('knows an id by one name only', () => {
  const ids = Object.values(ElementId);
  assert.is(new Set(ids).size, ids.length);
});
