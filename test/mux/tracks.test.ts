import * as assert from 'uvu/assert';
import { avcCodecString, hevcCodecString } from '../../ts/mux/codec-string.js';
import { describeTrack, MuxError, Timescale, type MuxTrack } from '../../ts/mux/index.js';
import type { MatroskaTrack } from '../../ts/parser/index.js';
import { suite } from '../support/suite.js';

const test = suite('tracks for other containers');

const MILLISECOND = 1_000_000;

function track(codecId: string, codecPrivate: string, more: Partial<MatroskaTrack> = {}): MuxTrack {
  const type = codecId.startsWith('V') ? 'video' : 'audio';
  const bytes = new Uint8Array(Buffer.from(codecPrivate, 'hex'));
  return describeTrack({ number: 1, type, codecId, codecPrivate: bytes, ...more }, MILLISECOND);
}

const CODECS: readonly (readonly [codecId: string, codecPrivate: string, expected: string])[] = [
  ['A_AAC', '1190', 'mp4a.40.2'],
  ['A_AAC', '119056e500', 'mp4a.40.2'],
  ['A_AAC', '2b098800', 'mp4a.40.5'],
  ['A_MS/ACM', '06000100401f0000401f0000010008000000', 'alaw'],
  ['A_MS/ACM', '07000100401f0000401f0000010008000000', 'ulaw'],
];

for (const [codecId, codecPrivate, expected] of CODECS) {
  test(`${codecId} with ${codecPrivate} is ${expected}`, () => {
    assert.is(track(codecId, codecPrivate).codecString, expected);
  });
}

test('names of video codecs have the profile, level and constraints of their records', () => {
  const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
  assert.is(avcCodecString(bytes('014d4029ff')), 'avc1.4d4029');
  assert.is(hevcCodecString(bytes('0101600000009000000000005d')), 'hvc1.1.6.L93.90');
  assert.is(hevcCodecString(bytes('0164ffffffffb020000000007b')), 'hvc1.A4.FFFFFFFF.H123.B0.20');
});

test('HE-AAC has the rate of its output, and frames of the rate of its core', () => {
  const described = track('A_AAC', '2b098800');
  assert.is(described.type, 'audio');
  if (described.type !== 'audio') return;
  assert.equal([described.sampleRate, described.channels], [48_000, 1]);
  // 1024 samples at 24 kHz.
  assert.is(described.frameDuration, 43);
});

test('what a container cannot hold is refused, with a code to tell it by', () => {
  const refusal = (codecId: string, codecPrivate: string): string => {
    try {
      track(codecId, codecPrivate);
    } catch (error) {
      if (error instanceof MuxError) return error.code;
      throw error;
    }
    return 'none';
  };
  assert.is(refusal('V_VP8', ''), 'UNSUPPORTED_CODEC');
  assert.is(refusal('A_OPUS', '00'), 'UNSUPPORTED_CODEC');
  assert.is(refusal('V_MPEG4/ISO/AVC', ''), 'MISSING_CODEC_PRIVATE_DATA');
  assert.is(refusal('A_AAC', ''), 'MISSING_CODEC_PRIVATE_DATA');
  assert.is(refusal('V_MPEG4/ISO/AVC', '0000000167'), 'INVALID_CODEC_PRIVATE_DATA');
  assert.is(refusal('V_MPEG4/ISO/AVC', '0142c01effe1ffff'), 'INVALID_CODEC_PRIVATE_DATA');
  assert.is(refusal('V_MPEGH/ISO/HEVC', '01'.repeat(23)), 'INVALID_CODEC_PRIVATE_DATA');
  assert.is(refusal('A_AAC', 'ff'), 'INVALID_CODEC_PRIVATE_DATA');
  assert.is(refusal('A_MS/ACM', '01000100401f0000401f0000010008000000'), 'UNSUPPORTED_CODEC');
});

test('a tick is a unit of the timestamp scale, as long as that is exact', () => {
  const ticks = (scale: number): number[] => {
    const timescale = new Timescale(scale);
    return [timescale.ticksPerSecond, timescale.fromUnits(3), timescale.fromMilliseconds(1500)];
  };
  assert.equal(ticks(1_000_000), [1000, 3, 1500]);
  assert.equal(ticks(1_000_000_000), [1, 3, 2]);
  assert.equal(ticks(10_000), [100_000, 3, 150_000]);
  // A third of a millisecond is no whole part of a second in nanoseconds.
  assert.equal(ticks(333_333), [1_000_000, 1000, 1_500_000]);
  // Counted from 1970, ticks of 100 ns would not be exact numbers.
  assert.equal(ticks(100), [1_000_000, 0, 1_500_000]);
});
