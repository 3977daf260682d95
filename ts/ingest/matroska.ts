/** Matroska and WebM, read as they arrive: a stream is as good as a file. */
import { isLengthPrefixed } from '../codec/codec-private.js';
import { MatroskaError } from '../parser/index.js';
import type { ByteSource } from './byte-source.js';
import { contentTypeOf } from './codecs.js';
import { formatError, truncated } from './errors.js';
import { interleaveMixed } from './interleave.js';
import { BlockLane } from './matroska/block-lane.js';
import { MatroskaDemuxer, type Block } from './matroska/demuxer.js';
import { candidateOf, describeTrack } from './matroska/tracks.js';
import type { MediaReader } from './opened-media.js';
import { selectTracks, trackIdAt } from './select-tracks.js';
import type { MediaFormat, MediaPacket, TrackSelection } from './types.js';

const REPAIR = 'ffmpeg -i INPUT -c copy OUTPUT.mkv';

/**
 * Opens a Matroska or WebM file or stream: reads up to the first Cluster. Times are those of the
 * blocks, earlier by the codec delay of the track; decoding times are derived, see DecodeClock.
 */
export async function openMatroska(
  source: ByteSource,
  format: MediaFormat,
  selection: TrackSelection,
): Promise<MediaReader> {
  const stream = new MatroskaStream(source);
  await stream.readHeaders();
  const { tracks: stored, duration } = stream.demuxer;
  if (stored === undefined) {
    throw truncated(
      `${source.name} ends before it describes its tracks; get it once more, whole.`,
      {
        source: source.name,
      },
    );
  }
  const { chosen, skippedTracks } = selectTracks(source.name, stored.map(candidateOf), selection);
  const tracks = chosen.map(({ track }, index) => describeTrack(track, trackIdAt(index)));
  const lanes = new Map<number, BlockLane>();
  for (const [index, track] of tracks.entries()) {
    const origin = chosen[index]?.track;
    if (origin !== undefined) lanes.set(origin.number, new BlockLane(track, origin));
  }
  const nal = tracks.find(({ codec }) => codec === 'h264' || codec === 'h265');
  return {
    format,
    tracks,
    skippedTracks,
    annexB: nal !== undefined && !isLengthPrefixed(nal.codecPrivateData),
    contentType: contentTypeOf(tracks),
    ...(duration !== undefined && { duration }),
    batches: () => interleaveMixed(readBatches(stream, lanes), tracks),
  };
}

async function* readBatches(
  stream: MatroskaStream,
  lanes: ReadonlyMap<number, BlockLane>,
): AsyncGenerator<MediaPacket[], void> {
  for await (const blocks of stream.blocks()) {
    yield blocks.flatMap((block) => lanes.get(block.trackNumber)?.push(block) ?? []);
  }
  yield [...lanes.values()].flatMap((lane) => lane.finish());
  stream.throwFailure();
}

/** Bytes in, blocks out. Damage ends the blocks and is told afterwards. */
class MatroskaStream {
  readonly demuxer = new MatroskaDemuxer();
  readonly #source: ByteSource;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Reads up to the media. Throws when what comes before is damaged. */
  async readHeaders(): Promise<void> {
    while (!this.demuxer.hasClusters && !this.#ended) await this.#advance();
    if (!this.demuxer.hasClusters) this.throwFailure();
  }

  async *blocks(): AsyncGenerator<Block[], void> {
    for (;;) {
      yield this.demuxer.takeBlocks();
      if (this.#ended) return;
      await this.#advance();
    }
  }

  /** Throws what ended the blocks too early. */
  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #advance(): Promise<void> {
    try {
      const chunk = await this.#source.read();
      this.#ended = chunk === undefined;
      if (chunk === undefined) this.demuxer.end();
      else this.demuxer.push(chunk);
    } catch (error) {
      this.#ended = true;
      this.#failure = { error: explain(error, this.#source.name) };
    }
  }
}

function explain(error: unknown, name: string): unknown {
  if (!(error instanceof MatroskaError)) return error;
  const { code, message, offset } = error;
  const values = { source: name, reason: code, offset };
  if (code === 'TRUNCATED') {
    return truncated(
      `${name} is cut off: ${message}; get it once more, whole, or repair it with: ${REPAIR}`,
      values,
      error,
    );
  }
  return formatError(
    `${name} is not sound Matroska: ${message}; repair it with: ${REPAIR}`,
    values,
    error,
  );
}
