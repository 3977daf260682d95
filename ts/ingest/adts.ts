/** AAC with ADTS headers (ISO/IEC 13818-7 clause 6.2), as microphones and radio streams give it. */
import { AAC_CHANNELS, AAC_FRAME_SAMPLES, AAC_FREQUENCIES } from '../codec/aac.js';
import type { ByteSource } from './byte-source.js';
import { formatError, truncated, unsupported } from './errors.js';
import type { MediaReader } from './opened-media.js';
import { selectTracks } from './select-tracks.js';
import type { MediaPacket, MediaTrack, TrackSelection } from './types.js';

const HEADER_BYTES = 7;
const CRC_BYTES = 2;
const TRACK_ID = 1;

/** One frame by its header. */
interface AdtsFrame {
  /** Bytes before the payload. */
  readonly headerBytes: number;
  /** Bytes in all. */
  readonly size: number;
  readonly objectType: number;
  readonly frequencyIndex: number;
  readonly channelConfiguration: number;
}

/**
 * Opens an ADTS stream. Packets are the raw AAC frames, without their headers: what the headers
 * tell goes into the AudioSpecificConfig.
 */
export async function openAdts(
  source: ByteSource,
  selection: TrackSelection,
): Promise<MediaReader> {
  selectTracks(source.name, [{ trackType: 'audio', codec: 'aac' }], selection);
  const stream = new AdtsStream(source);
  const first = await stream.peek();
  if (first === undefined) {
    throw truncated(`${source.name} ends before its first AAC frame is complete.`, {
      source: source.name,
    });
  }
  const { objectType, frequencyIndex, channelConfiguration } = first;
  if (channelConfiguration === 0) {
    throw unsupported(
      `${source.name} describes its channels in the AAC frames, which cannot be sent; ` +
        'convert it with: ffmpeg -i INPUT -c:a aac -ac 2 OUTPUT.m4a',
      { source: source.name, channelConfiguration },
    );
  }
  const samplingFrequency = AAC_FREQUENCIES[frequencyIndex] ?? 0;
  const track: MediaTrack = {
    trackId: TRACK_ID,
    trackType: 'audio',
    codec: 'aac',
    codecId: 'A_AAC',
    // AudioSpecificConfig (ISO/IEC 14496-3 clause 1.6.2.1): 5, 4 and 4 bits, then zeros.
    codecPrivateData: Uint8Array.of(
      (objectType << 3) | (frequencyIndex >> 1),
      ((frequencyIndex & 1) << 7) | (channelConfiguration << 3),
    ),
    samplingFrequency,
    channels: AAC_CHANNELS[channelConfiguration] ?? 0,
  };
  return {
    format: 'aac',
    tracks: [track],
    skippedTracks: [],
    annexB: false,
    contentType: 'audio/aac',
    batches: () => readBatches(stream, samplingFrequency),
  };
}

async function* readBatches(
  stream: AdtsStream,
  samplingFrequency: number,
): AsyncGenerator<MediaPacket[], void> {
  const at = (index: number): number => (index * AAC_FRAME_SAMPLES * 1000) / samplingFrequency;
  let index = 0;
  for (;;) {
    const payloads = await stream.take();
    if (payloads === undefined) return;
    yield payloads.map((data) => {
      const presentationTs = at(index);
      index += 1;
      return {
        trackId: TRACK_ID,
        data,
        keyFrame: true,
        presentationTs,
        decodingTs: presentationTs,
        duration: at(1),
      };
    });
  }
}

/** Cuts the bytes into frames. */
class AdtsStream {
  readonly #source: ByteSource;
  #pending: Buffer = Buffer.alloc(0);
  #offset = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The header of the next frame; undefined at the end. */
  async peek(): Promise<AdtsFrame | undefined> {
    if (!(await this.#fill(HEADER_BYTES))) return undefined;
    const frame = parseHeader(this.#pending);
    if (frame !== undefined) return frame;
    throw formatError(
      `${this.#source.name} is damaged at byte ${this.#offset}, where an AAC frame should begin; ` +
        'repair it with: ffmpeg -i INPUT -c copy OUTPUT.aac',
      { offset: this.#offset },
    );
  }

  /** The payloads of the next frames, as many as are there; undefined at the end. */
  async take(): Promise<Buffer[] | undefined> {
    const frame = await this.peek();
    if (frame === undefined || !(await this.#fill(frame.size))) {
      if (this.#pending.length === 0) return undefined;
      const { name } = this.#source;
      throw truncated(
        `${name} ends inside the AAC frame at byte ${this.#offset}; get it once more, whole.`,
        { offset: this.#offset },
      );
    }
    const payloads: Buffer[] = [];
    for (let next: AdtsFrame | undefined = frame; next !== undefined;) {
      payloads.push(this.#pending.subarray(next.headerBytes, next.size));
      this.#pending = this.#pending.subarray(next.size);
      this.#offset += next.size;
      next = this.#pending.length < HEADER_BYTES ? undefined : parseHeader(this.#pending);
      if (next !== undefined && next.size > this.#pending.length) next = undefined;
    }
    return payloads;
  }

  /** Makes sure that so many bytes are pending; false when the source ends before. */
  async #fill(length: number): Promise<boolean> {
    while (this.#pending.length < length) {
      const chunk = await this.#source.read();
      if (chunk === undefined) return false;
      this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    }
    return true;
  }
}

/** Undefined when there is no header, or one of several AAC frames, which nobody writes. */
function parseHeader(bytes: Buffer): AdtsFrame | undefined {
  const fixed = bytes.readUInt32BE(0);
  const sync = fixed >>> 20;
  const layer = (fixed >>> 17) & 3;
  const frequencyIndex = (fixed >>> 10) & 15;
  const size = (bytes.readUIntBE(3, 3) >>> 5) & 0x1fff;
  const moreFrames = bytes.readUInt8(6) & 3;
  const headerBytes = HEADER_BYTES + ((fixed >>> 16) & 1 ? 0 : CRC_BYTES);
  const sound = sync === 0xfff && layer === 0 && frequencyIndex < AAC_FREQUENCIES.length;
  if (!sound || moreFrames > 0 || size <= headerBytes) return undefined;
  return {
    headerBytes,
    size,
    objectType: ((fixed >>> 14) & 3) + 1,
    frequencyIndex,
    channelConfiguration: (fixed >>> 6) & 7,
  };
}
