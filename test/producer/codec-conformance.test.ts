/** Every codec and mode of the core, judged by mkvinfo, ffprobe and ffmpeg. */
import * as assert from 'uvu/assert';
import { NalAdaptationFlags, type TrackInfo } from '../../ts/index.js';
import { START } from '../addon/support/native.js';
import { suite } from '../support/suite.js';
import {
  ABSOLUTE,
  NO_B,
  X264,
  assertSamePictures,
  requireTools,
  assertDecodes,
  assertPackets,
  decoded,
  listing,
  onlyTrack,
  picture,
  probe,
  repackage,
  send,
  tone,
  type Encoded,
} from './support/conformance.js';

const test = suite('codec conformance', { timeout: 60_000 });

const X265 = ['-c:v', 'libx265', '-g', '10', '-x265-params', 'log-level=none:bframes=2'];
/** What makes start codes of the private data and of nothing else. */
const IN_BAND = ['-bsf:v', 'dump_extra=freq=keyframe'];

interface NalCodec {
  readonly codec: 'h264' | 'h265';
  readonly encoder: string;
  readonly options: readonly string[];
  readonly name: string;
}

const NAL_CODECS: readonly NalCodec[] = [
  { codec: 'h264', encoder: 'libx264', options: X264, name: 'h264' },
  { codec: 'h265', encoder: 'libx265', options: X265, name: 'hevc' },
];

/** NAL units with lengths in the place of start codes of four bytes. */
function withLengths(annexB: Uint8Array): Uint8Array {
  const units = Buffer.from(annexB).toString('hex').split('00000001').slice(1);
  const parts = units.map((hex) => {
    const length = (hex.length / 2).toString(16).padStart(8, '0');
    return Buffer.from(length + hex, 'hex');
  });
  return Buffer.concat(parts);
}

/** A frame with start codes in the place of its lengths. */
function startCodes(frame: Uint8Array): Uint8Array {
  const data = Buffer.from(frame);
  for (let at = 0; at < data.length;) {
    const length = data.readUInt32BE(at);
    data.writeUInt32BE(1, at);
    at += 4 + length;
  }
  return data;
}

for (const { codec, encoder, options, name } of NAL_CODECS) {
  test(`${codec} in Annex-B with its parameter sets becomes lengths and a record`, (t) => {
    requireTools(t, encoder);
    const source = picture(t, options);
    const lengths = repackage(t, source, 'mkv');
    const track = { codec, codecPrivateData: source.extradata };
    const file = send(t, { tracks: [track] }, source.packets);
    listing(file);
    assertPackets(file, 0, source.packets, ABSOLUTE, 'times');
    assertSamePictures(file, source, name);
    // Byte for byte what ffmpeg itself makes of the same start codes.
    assert.equal(
      probe(file).packets.map(({ data_hash }) => data_hash),
      probe(lengths.file).packets.map(({ data_hash }) => data_hash),
    );
    const [actual, expected] = [file, lengths.file].map((path) => {
      return probe(path, '-show_data').streams[0]?.extradata;
    });
    // x265 puts an SEI message beside the sets, which ffmpeg sorts in as we do.
    assert.is(actual, expected);
  });

  test(`${codec} in Annex-B brings its parameter sets in its key frames`, (t) => {
    requireTools(t, encoder);
    const source = repackage(t, picture(t, options), 'nut', ...IN_BAND);
    const file = send(t, { tracks: [{ codec }] }, source.packets);
    listing(file);
    assertPackets(file, 0, source.packets, ABSOLUTE, 'times');
    assertSamePictures(file, source, name);
  });

  test(`${codec} with lengths and a record passes as it is`, (t) => {
    requireTools(t, encoder);
    const source = repackage(t, picture(t, options), 'mkv');
    for (const nalAdaptationFlags of [undefined, NalAdaptationFlags.NONE]) {
      const track = { codec, codecPrivateData: source.extradata };
      const file = send(t, { tracks: [track], nalAdaptationFlags }, source.packets);
      listing(file);
      assertPackets(file, 0, source.packets, ABSOLUTE);
      assertSamePictures(file, source, name);
    }
  });

  test(`${codec} with lengths brings its parameter sets in its key frames`, (t) => {
    requireTools(t, encoder);
    const start = picture(t, options);
    const lengths = repackage(t, start, 'mkv');
    const sets = withLengths(start.extradata);
    const packets = lengths.packets.map((packet) => {
      return packet.keyFrame ? { ...packet, data: Buffer.concat([sets, packet.data]) } : packet;
    });
    for (const nalAdaptationFlags of [undefined, NalAdaptationFlags.AVCC_NALS]) {
      const file = send(t, { tracks: [{ codec }], nalAdaptationFlags }, packets);
      listing(file);
      assertPackets(file, 0, packets, ABSOLUTE, 'times');
      assertSamePictures(file, start, name);
    }
  });

  test(`${codec} with lengths becomes Annex-B on request, private data included`, (t) => {
    requireTools(t, encoder);
    const start = picture(t, options);
    const source = repackage(t, start, 'mkv');
    const expected = source.packets.map((packet) => ({ ...packet, data: startCodes(packet.data) }));
    for (const codecPrivateData of [start.extradata, source.extradata]) {
      const definition = {
        tracks: [{ codec, codecPrivateData }],
        nalAdaptationFlags: NalAdaptationFlags.AVCC_NALS,
      };
      const file = send(t, definition, source.packets);
      listing(file);
      assertPackets(file, 0, expected, ABSOLUTE);
      assertSamePictures(file, source, name);
    }
  });
}

/** Codecs without NAL units: how they are encoded, described, and found in the file. */
interface PlainCodec {
  readonly title: string;
  readonly encoder: string;
  readonly options?: readonly string[];
  readonly track: (source: Encoded) => TrackInfo;
  readonly name: string;
  readonly rate?: number;
  readonly channels?: number;
}

const VIDEO: readonly PlainCodec[] = [
  { title: 'M-JPEG', encoder: 'mjpeg', track: () => ({ codec: 'mjpeg' }), name: 'mjpeg' },
  {
    title: 'M-JPEG of Video for Windows',
    encoder: 'mjpeg',
    track: () => ({ codecId: 'V_MS/VFW/FOURCC', width: 64, height: 48 }),
    name: 'mjpeg',
  },
  {
    title: 'MPEG-4 of Video for Windows, named by its FOURCC',
    encoder: 'mpeg4',
    options: ['-flags', '-global_header', '-g', '10'],
    track: () => ({
      codecId: 'V_MS/VFW/FOURCC',
      codecPrivateData: Buffer.from('FMP4'),
      width: 64,
      height: 48,
    }),
    name: 'mpeg4',
  },
  { title: 'VP8', encoder: 'libvpx', track: () => ({ codec: 'vp8' }), name: 'vp8' },
  { title: 'VP9', encoder: 'libvpx-vp9', track: () => ({ codec: 'vp9' }), name: 'vp9' },
  {
    title: 'AV1',
    encoder: 'libaom-av1',
    options: ['-cpu-used', '8'],
    track: (source) => ({ codec: 'av1', codecPrivateData: av1Record(source.extradata) }),
    name: 'av1',
  },
];

/** The four bytes of av1C (marker, Main profile at level 2.0, 4:2:0) before the sequence header. */
function av1Record(sequenceHeader: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(0x81, 0, 0x0c, 0), sequenceHeader]);
}

for (const { title, encoder, options = ['-g', '10'], track, name } of VIDEO) {
  test(`${title} passes as it is and plays`, (t) => {
    requireTools(t, encoder);
    const source = picture(t, ['-c:v', encoder, ...options, ...NO_B]);
    const sized = { width: 64, height: 48, ...track(source) };
    const file = send(t, { tracks: [sized] }, source.packets);
    listing(file);
    assertPackets(file, 0, source.packets, ABSOLUTE);
    assertSamePictures(file, source, name);
  });
}

const PCM = ['pcm_u8', 'pcm_s16le', 'pcm_s24le', 'pcm_s32le', 'pcm_s16be', 'pcm_s24be'];

function pcmCodec(encoder: string): PlainCodec {
  const track = (): TrackInfo => ({ codec: encoder, samplingFrequency: 44_100, channels: 2 });
  return { title: encoder, encoder, track, name: encoder, rate: 44_100, channels: 2 };
}

function g711Codec(codec: string, channels: number): PlainCodec {
  return {
    title: `${codec} with ${channels} channels`,
    encoder: `pcm_${codec}`,
    track: () => ({ codec, samplingFrequency: 8000, channels }),
    name: `pcm_${codec}`,
    channels,
  };
}

const AUDIO: readonly PlainCodec[] = [
  g711Codec('alaw', 1),
  g711Codec('mulaw', 1),
  g711Codec('mulaw', 2),
  ...[...PCM, 'pcm_s32be', 'pcm_f32le', 'pcm_f64le'].map(pcmCodec),
  {
    title: 'AAC with its configuration',
    encoder: 'aac',
    track: ({ extradata }) => ({ codec: 'aac', codecPrivateData: extradata }),
    name: 'aac',
    rate: 44_100,
    channels: 2,
  },
  {
    title: 'AAC of which rate and channels are told',
    encoder: 'aac',
    track: () => ({ codec: 'aac', samplingFrequency: 16_000, channels: 1 }),
    name: 'aac',
    rate: 16_000,
  },
  {
    title: 'Opus of which the channels are told',
    encoder: 'libopus',
    track: () => ({ codec: 'opus', samplingFrequency: 48_000, channels: 2 }),
    name: 'opus',
    rate: 48_000,
    channels: 2,
  },
];

for (const { title, encoder, track, name, rate = 8000, channels = 1 } of AUDIO) {
  test(`${title} is read back as what it is`, (t) => {
    requireTools(t, encoder);
    const source = tone(t, ['-c:a', encoder], rate, channels);
    const file = send(t, { tracks: [track(source)] }, source.packets);
    listing(file);
    const found = onlyTrack(file);
    assert.is(found.codec_name, name);
    assert.is(found.sample_rate, String(rate));
    assert.is(found.channels, channels);
    assertPackets(file, 0, source.packets, ABSOLUTE);
    assertDecodes(file);
    // What is not compressed has neither delay nor padding.
    if (encoder.startsWith('pcm_')) {
      assert.equal(decoded(file, 'audio'), decoded(source.file, 'audio'));
    }
  });
}

test('Opus with its header tells players the delay that they shall subtract', (t) => {
  requireTools(t, 'libopus');
  const source = tone(t, ['-c:a', 'libopus'], 48_000, 2);
  // ffmpeg has subtracted the delay; an encoder has not.
  const stamped = source.packets.map((packet) => ({
    ...packet,
    presentationTs: packet.presentationTs + 6.5,
    decodingTs: packet.decodingTs + 6.5,
  }));
  const track = { codec: 'opus', codecPrivateData: source.extradata };
  const file = send(t, { tracks: [track], timecodeScale: 0.1 }, stamped);
  const listed = listing(file);
  assert.match(listed, /Codec-inherent delay: 00:00:00\.006500000/);
  assert.match(listed, /Seek pre-roll: 00:00:00\.080000000/);
  assertPackets(file, 0, source.packets, { origin: START, tolerance: 0.06 });
  assertDecodes(file);
});
