/** The codec private data of AAC (ISO/IEC 14496-3 clause 1.6.2.1) and G.711 (WAVEFORMATEX). */
import { AAC_CHANNELS, AAC_FREQUENCIES } from './aac.js';
import { BitReader } from './bit-reader.js';

/** What an AudioSpecificConfig tells. */
export interface AacConfig {
  /** Audio object type of the decoder that is needed, as in `mp4a.40.2`. */
  readonly objectType: number;
  /** The object type of the frames themselves: below the bandwidth extension of HE-AAC. */
  readonly coreObjectType: number;
  /** Hertz of the frames themselves, half of the output's for HE-AAC. */
  readonly coreSampleRate: number;
  /** Hertz of the output. */
  readonly sampleRate: number;
  /** The channel configuration, 0 when a program config element describes the channels. */
  readonly channelConfiguration: number;
}

/** What a WAVEFORMATEX tells. */
export interface WaveFormat {
  readonly formatTag: number;
  readonly channels: number;
  /** Hertz. */
  readonly sampleRate: number;
}

/** Values of the format tag for G.711. */
export const WAVE_FORMAT = { A_LAW: 6, MU_LAW: 7 } as const;

const ESCAPED_OBJECT_TYPE = 31;
const EXPLICIT_FREQUENCY = 15;
const SBR = 5;
const PARAMETRIC_STEREO = 29;
const WAVE_FORMAT_BYTES = 16;

/** Reads an AudioSpecificConfig. Undefined when it is damaged. */
export function readAacConfig(config: Uint8Array): AacConfig | undefined {
  const bits = new BitReader(config);
  const objectType = readObjectType(bits);
  const first = readFrequency(bits);
  const channelConfiguration = bits.bits(4);
  const isExtended = objectType === SBR || objectType === PARAMETRIC_STEREO;
  const sampleRate = isExtended ? readFrequency(bits) : first;
  const coreObjectType = isExtended ? readObjectType(bits) : objectType;
  if (bits.overrun || objectType === 0 || !first || !sampleRate) return undefined;
  return { objectType, coreObjectType, coreSampleRate: first, sampleRate, channelConfiguration };
}

/** Channels of a channel configuration; undefined for one that does not say. */
export function channelsOf(configuration: number): number | undefined {
  const channels = AAC_CHANNELS[configuration];
  return channels === 0 ? undefined : channels;
}

/** Reads a WAVEFORMATEX. Undefined when it is too short. */
export function readWaveFormat(data: Uint8Array): WaveFormat | undefined {
  if (data.length < WAVE_FORMAT_BYTES) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return {
    formatTag: view.getUint16(0, true),
    channels: view.getUint16(2, true),
    sampleRate: view.getUint32(4, true),
  };
}

function readObjectType(bits: BitReader): number {
  const type = bits.bits(5);
  return type === ESCAPED_OBJECT_TYPE ? 32 + bits.bits(6) : type;
}

function readFrequency(bits: BitReader): number | undefined {
  const index = bits.bits(4);
  return index === EXPLICIT_FREQUENCY ? bits.bits(24) : AAC_FREQUENCIES[index];
}
