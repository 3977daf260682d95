/** The elementary stream descriptor of MPEG-4 audio (ISO/IEC 14496-1 clause 7.2.6). */
import { BitReader } from '../../codec/bit-reader.js';
import { AAC_CHANNELS, AAC_FREQUENCIES } from '../../codec/aac.js';
import { BoxError } from './box.js';

const TAG = { STREAM: 3, DECODER_CONFIG: 4, DECODER_SPECIFIC: 5 } as const;
/** Bytes of a DecoderConfigDescriptor before the descriptors in it. */
const DECODER_CONFIG_BYTES = 13;
/** objectTypeIndication values: AAC of MPEG-4, and Main, LC and SSR of MPEG-2. */
const AAC_TYPES = [0x40, 0x66, 0x67, 0x68];
const MP3_TYPES = [0x69, 0x6b];

const EXPLICIT_FREQUENCY = 15;
const ESCAPED_OBJECT_TYPE = 31;

/** What the descriptor tells. */
export interface AudioDescription {
  readonly codec: string;
  readonly codecPrivateData?: Uint8Array;
  readonly samplingFrequency?: number;
  readonly channels?: number;
}

interface Descriptor {
  readonly tag: number;
  readonly data: Buffer;
}

function readDescriptor(bytes: Buffer): Descriptor {
  let at = 1;
  let size = 0;
  for (let more = true; more && at < 5; at += 1) {
    const byte = bytes.readUInt8(at);
    size = size * 128 + (byte & 127);
    more = byte >= 128;
  }
  return { tag: bytes.readUInt8(0), data: bytes.subarray(at, at + size) };
}

/** The descriptor at the beginning of `bytes`, which must have the tag. */
function expectDescriptor(bytes: Buffer, tag: number): Buffer {
  const descriptor = readDescriptor(bytes);
  if (descriptor.tag !== tag) throw new BoxError(`a descriptor has the tag ${descriptor.tag}`);
  return descriptor.data;
}

/** Reads the content of an esds box. Throws BoxError or RangeError when it is damaged. */
export function readElementaryStreamDescriptor(content: Buffer): AudioDescription {
  const stream = expectDescriptor(content, TAG.STREAM);
  const flags = stream.readUInt8(2);
  let at = 3;
  if ((flags & 0x80) !== 0) at += 2;
  if ((flags & 0x40) !== 0) at += 1 + stream.readUInt8(at);
  if ((flags & 0x20) !== 0) at += 2;
  const config = expectDescriptor(stream.subarray(at), TAG.DECODER_CONFIG);
  const type = config.readUInt8(0);
  if (!AAC_TYPES.includes(type))
    return { codec: MP3_TYPES.includes(type) ? 'MP3' : `mp4a.${type.toString(16)}` };
  const rest = config.subarray(DECODER_CONFIG_BYTES);
  if (rest.length === 0) return { codec: 'aac' };
  const specific = new Uint8Array(expectDescriptor(rest, TAG.DECODER_SPECIFIC));
  return { codec: 'aac', codecPrivateData: specific, ...readAudioSpecificConfig(specific) };
}

/** What the AudioSpecificConfig (ISO/IEC 14496-3 clause 1.6.2.1) says over the sample entry. */
function readAudioSpecificConfig(
  config: Uint8Array,
): Pick<AudioDescription, 'samplingFrequency' | 'channels'> {
  const bits = new BitReader(config);
  if (bits.bits(5) === ESCAPED_OBJECT_TYPE) bits.skip(6);
  const index = bits.bits(4);
  const samplingFrequency =
    index === EXPLICIT_FREQUENCY ? bits.bits(24) : (AAC_FREQUENCIES[index] ?? 0);
  const channels = AAC_CHANNELS[bits.bits(4)] ?? 0;
  if (bits.overrun) return {};
  return {
    ...(samplingFrequency > 0 && { samplingFrequency }),
    ...(channels > 0 && { channels }),
  };
}
