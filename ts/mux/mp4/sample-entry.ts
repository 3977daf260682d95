/** How a track's samples are to be decoded: the entries of `stsd`. */
import { join, u16, u32, u8, zeros } from '../bytes.js';
import type { AudioTrack, MuxTrack, VideoTrack } from '../track.js';
import { box, fullBox } from './box.js';

/** 72 dots an inch, as a 16.16 number. */
const RESOLUTION = 0x0048_0000;
const DEPTH = 24;
const BITS_PER_SAMPLE = 16;
const MAX_SAMPLE_RATE = 0xffff;

/** Tags of the descriptors in `esds` (ISO/IEC 14496-1 clause 7.2.6). */
const DESCRIPTOR = { ES: 3, DECODER_CONFIG: 4, DECODER_SPECIFIC: 5, SYNC_LAYER: 6 } as const;
const OBJECT_TYPE_AAC = 0x40;
/** Stream type 5 (audio), and the reserved bit. */
const STREAM_TYPE_AUDIO = 0x15;
const SYNC_LAYER_MP4 = 2;

/** Makes the sample entry of a track. */
export function sampleEntry(track: MuxTrack): Uint8Array {
  return track.type === 'video' ? videoEntry(track) : audioEntry(track);
}

/** ISO/IEC 14496-12 clause 12.1.3 and 14496-15 clauses 5.4.2 and 8.4. */
function videoEntry({ codec, codecPrivate, width, height }: VideoTrack): Uint8Array {
  const [type, record] = codec === 'h264' ? ['avc1', 'avcC'] : ['hvc1', 'hvcC'];
  return box(
    type,
    zeros(6),
    u16(1),
    zeros(16),
    u16(width, height),
    u32(RESOLUTION, RESOLUTION, 0),
    u16(1),
    zeros(32),
    u16(DEPTH, 0xffff),
    box(record, codecPrivate),
  );
}

/** ISO/IEC 14496-12 clause 12.2.3; G.711 as QuickTime stores it. */
function audioEntry(track: AudioTrack): Uint8Array {
  const { codec, channels, sampleRate } = track;
  const type = { aac: 'mp4a', alaw: 'alaw', mulaw: 'ulaw' }[codec];
  return box(
    type,
    zeros(6),
    u16(1),
    zeros(8),
    u16(channels, BITS_PER_SAMPLE, 0, 0),
    // A 16.16 number, which higher rates do not fit; decoders look into the codec private data.
    u16(sampleRate > MAX_SAMPLE_RATE ? 0 : sampleRate, 0),
    ...(codec === 'aac' ? [fullBox('esds', 0, 0, esDescriptor(track))] : []),
  );
}

function esDescriptor({ id, codecPrivate }: AudioTrack): Uint8Array {
  const decoder = descriptor(
    DESCRIPTOR.DECODER_CONFIG,
    u8(OBJECT_TYPE_AAC, STREAM_TYPE_AUDIO),
    // Size of the buffer, and bit rates, none of which is known.
    zeros(3 + 4 + 4),
    descriptor(DESCRIPTOR.DECODER_SPECIFIC, codecPrivate),
  );
  const syncLayer = descriptor(DESCRIPTOR.SYNC_LAYER, u8(SYNC_LAYER_MP4));
  return descriptor(DESCRIPTOR.ES, u16(id), u8(0), decoder, syncLayer);
}

/** The length in four bytes, seven bits in each, as players of old expect it. */
function descriptor(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = join(content);
  const length = [21, 14, 7].map((shift) => 0x80 | ((body.length >> shift) & 0x7f));
  return join([u8(tag, ...length, body.length & 0x7f), body]);
}
