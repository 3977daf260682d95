/** Elementary streams of H.264 and H.265: pictures behind start codes, without times. */
import type { ByteSource } from './byte-source.js';
import { FrameClock } from './elementary/frame-clock.js';
import { H264Syntax } from './elementary/h264-syntax.js';
import { H265Syntax } from './elementary/h265-syntax.js';
import type { NalSyntax, Picture } from './elementary/nal-syntax.js';
import { PresentationOrder, type PlacedPicture } from './elementary/presentation-order.js';
import { AccessUnitSplitter, type AccessUnit } from './elementary/splitter.js';
import { formatError } from './errors.js';
import type { MediaReader } from './opened-media.js';
import type { MediaPacket, MediaTrack } from './types.js';

/** What is taken when neither the options nor the stream tell: the usual rate of cameras in Europe. */
const DEFAULT_FRAME_RATE = 25;
const TRACK_ID = 1;

const CODECS = {
  h264: { name: 'H.264', codecId: 'V_MPEG4/ISO/AVC', contentType: 'video/h264' },
  h265: { name: 'H.265', codecId: 'V_MPEGH/ISO/HEVC', contentType: 'video/h265' },
} as const;

/** The codecs whose elementary streams are read. */
export type ElementaryCodec = keyof typeof CODECS;

/**
 * Opens an elementary stream: reads up to the first picture and what describes it. Output order
 * comes from the picture order count, times from the place in it and the frame rate; decoding
 * times run ahead by the reorder depth, so they begin below zero when there are B-frames.
 *
 * @param frameRate - frames a second, over what the stream tells
 */
export async function openElementary(
  source: ByteSource,
  codec: ElementaryCodec,
  frameRate: number | undefined,
): Promise<MediaReader> {
  const stream = new ElementaryStream(
    source,
    codec === 'h264' ? new H264Syntax() : new H265Syntax(),
  );
  const first = await stream.readToFirstPicture();
  if (first === undefined) {
    throw formatError(
      `No ${CODECS[codec].name} picture was found in ${source.name}; check that it is a video ` +
        'stream with start codes (Annex B), or leave the format to be detected.',
      { format: codec },
    );
  }
  const { codecId, contentType } = CODECS[codec];
  const { sequence } = first;
  const track: MediaTrack = {
    trackId: TRACK_ID,
    trackType: 'video',
    codec,
    codecId,
    ...(sequence && { width: sequence.width, height: sequence.height }),
  };
  const known = frameRate ?? sequence?.frameRate;
  return {
    format: codec,
    tracks: [track],
    skippedTracks: [],
    annexB: true,
    contentType,
    frameRate: known ?? DEFAULT_FRAME_RATE,
    ...(known === undefined && { assumedFrameRate: DEFAULT_FRAME_RATE }),
    batches: () => stream.batches(known ?? DEFAULT_FRAME_RATE, frameRate !== undefined),
  };
}

/** Bytes in, packets out. */
class ElementaryStream {
  readonly #source: ByteSource;
  readonly #splitter: AccessUnitSplitter;
  readonly #order = new PresentationOrder<AccessUnit>();
  #first: AccessUnit[] = [];

  constructor(source: ByteSource, syntax: NalSyntax) {
    this.#source = source;
    this.#splitter = new AccessUnitSplitter(syntax);
  }

  /** Reads no more than it takes to see a picture begin; undefined when there is none. */
  async readToFirstPicture(): Promise<Picture | undefined> {
    for (;;) {
      const chunk = await this.#source.read();
      this.#first = chunk === undefined ? this.#splitter.finish() : this.#splitter.push(chunk);
      const picture = this.#first[0]?.picture ?? this.#splitter.picture;
      if (picture !== undefined || chunk === undefined) return picture;
    }
  }

  /** @param fixed - whether a rate that the stream tells later shall be ignored */
  async *batches(frameRate: number, fixed: boolean): AsyncGenerator<MediaPacket[], void> {
    const clock = new FrameClock(frameRate);
    const packet = (placed: PlacedPicture<AccessUnit>): MediaPacket => {
      const { data, picture } = placed.item;
      const told = picture.sequence?.frameRate;
      if (told !== undefined && !fixed) clock.change(told, placed.decodeIndex);
      return {
        trackId: TRACK_ID,
        data,
        keyFrame: picture.keyFrame,
        presentationTs: clock.at(placed.outputIndex),
        decodingTs: clock.at(placed.decodeIndex - placed.delay),
        duration: clock.step,
      };
    };
    const place = (units: readonly AccessUnit[]): MediaPacket[] => {
      return units.flatMap((unit) => this.#order.push(unit, unit.picture).map(packet));
    };
    yield place(this.#first);
    for (;;) {
      const chunk = await this.#source.read();
      if (chunk === undefined) break;
      yield place(this.#splitter.push(chunk));
    }
    yield place(this.#splitter.finish());
    yield this.#order.finish().map(packet);
  }
}
