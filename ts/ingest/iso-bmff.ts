/** MP4 and MOV files, read through mediabunny. */
import type { Input, Source } from 'mediabunny';
import { KinesisVideoError } from '../internal/errors.js';
import { isSeekable, type ByteSource } from './byte-source.js';
import { isLengthPrefixed, reorderingOf } from './codec-private.js';
import { contentTypeOf } from './codecs.js';
import { formatError, truncated, unsupported } from './errors.js';
import { interleaveTracks } from './interleave.js';
import { FileBoxes, StreamBoxes } from './isobmff/boxes.js';
import { loadMediabunny, quietly, type Mediabunny } from './isobmff/mediabunny.js';
import { PacketLane } from './isobmff/packet-lane.js';
import { fileSource, STREAM_CACHE_BYTES, streamSource } from './isobmff/source.js';
import { candidateOf, describeTrack, type IsoCandidate } from './isobmff/tracks.js';
import type { MediaReader } from './opened-media.js';
import { selectTracks, trackIdAt } from './select-tracks.js';
import type { MediaFormat, MediaPacket, MediaTrack, TrackSelection } from './types.js';

/** An opened file and what tells whether it is whole. */
interface IsoFile {
  readonly source: ByteSource;
  readonly boxes: FileBoxes | StreamBoxes;
  readonly input: Input;
}

/**
 * Opens an MP4 or MOV file. From a stream the index must come before the media, as in fragmented
 * and in "fast start" files. Decoding times are derived, see DecodeClock; of an edit list the
 * first edit counts, so that times can begin below zero.
 */
export async function openIsoBmff(
  source: ByteSource,
  format: MediaFormat,
  selection: TrackSelection,
): Promise<MediaReader> {
  const mediabunny = await loadMediabunny();
  const file = await openInput(mediabunny, source);
  const { input } = file;
  try {
    const found = await quietly(mediabunny, async () => {
      return Promise.all((await input.getTracks()).map(candidateOf));
    });
    if (found.length === 0) await checkWhole(file, []);
    const { chosen, skippedTracks } = selectTracks(source.name, found, selection);
    const described = chosen.map(({ track }, index) => describeTrack(track, trackIdAt(index)));
    const tracks = await Promise.all(described);
    const lanes = await openLanes(mediabunny, tracks, chosen);
    const seconds = await input.getDurationFromMetadata(chosen.map(({ track }) => track));
    const video = tracks.find(({ trackType }) => trackType === 'video');
    return {
      format,
      tracks,
      skippedTracks,
      annexB: video !== undefined && !isLengthPrefixed(video.codecPrivateData),
      contentType: contentTypeOf(tracks),
      ...(seconds !== null && { duration: seconds * 1000 }),
      batches: () => readBatches(file, tracks, lanes),
      dispose: () => {
        input.dispose();
      },
    };
  } catch (error) {
    input.dispose();
    throw explain(error, source);
  }
}

async function openInput(mediabunny: Mediabunny, source: ByteSource): Promise<IsoFile> {
  const formats = [mediabunny.MP4, mediabunny.QTFF];
  let boxes: FileBoxes | StreamBoxes;
  let bytes: Source;
  if (isSeekable(source)) {
    boxes = new FileBoxes(source);
    await boxes.findIndex();
    bytes = fileSource(mediabunny, source);
  } else {
    boxes = new StreamBoxes(source.name);
    bytes = streamSource(mediabunny, source, boxes);
  }
  return { source, boxes, input: new mediabunny.Input({ source: bytes, formats }) };
}

async function openLanes(
  { EncodedPacketSink }: Mediabunny,
  tracks: readonly MediaTrack[],
  candidates: readonly IsoCandidate[],
): Promise<Map<number, PacketLane>> {
  const lanes = new Map<number, PacketLane>();
  for (const [index, { track }] of candidates.entries()) {
    const { trackId, codec, codecPrivateData } = tracks[index] as MediaTrack;
    const scale = await track.getTimeResolution();
    const reordering = reorderingOf(codec, codecPrivateData);
    const sink = new EncodedPacketSink(track);
    lanes.set(trackId, new PacketLane(trackId, sink, scale, reordering));
  }
  return lanes;
}

async function* readBatches(
  file: IsoFile,
  tracks: readonly MediaTrack[],
  lanes: ReadonlyMap<number, PacketLane>,
): AsyncGenerator<MediaPacket[], void> {
  const next = async (trackId: number): Promise<MediaPacket | undefined> => {
    const lane = lanes.get(trackId);
    try {
      return await lane?.next();
    } catch (error) {
      // The fragment in which the file ends cannot be read; what comes before it can.
      if (error instanceof KinesisVideoError || file.input.disposed) throw error;
      if ((await file.boxes.findCut()) === undefined) throw explain(error, file.source);
      lane?.end();
      return lane?.next();
    }
  };
  yield* interleaveTracks(next, tracks);
  await checkWhole(file, lanes.values());
}

/** Throws when the index or a box promises more than was there. */
async function checkWhole({ source, boxes }: IsoFile, lanes: Iterable<PacketLane>): Promise<void> {
  const { name } = source;
  const size = isSeekable(source) ? source.size : undefined;
  const where = size === undefined ? 'ends too early' : `ends at byte ${size}, too early`;
  const advice = 'get the file once more, whole; what was complete has been read';
  const times = await Promise.all(
    // In a fragment that is cut off there is no telling.
    [...lanes].map((lane) => lane.missingFrom().catch(() => undefined)),
  );
  const known = times.filter((time) => time !== undefined);
  if (known.length > 0) {
    const from = Math.min(...known);
    const seconds = (from / 1000).toFixed(3);
    throw truncated(`${name} ${where}: media from ${seconds} s on is missing; ${advice}.`, {
      source: name,
      size,
      from,
    });
  }
  const cut = await boxes.findCut();
  if (cut !== undefined) {
    throw truncated(`${name} ${where}: its last box reaches to byte ${cut}; ${advice}.`, {
      source: name,
      size,
      expected: cut,
    });
  }
}

/** What mediabunny throws, as an error of ours. */
function explain(error: unknown, source: ByteSource): unknown {
  if (error instanceof KinesisVideoError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const { name } = source;
  if (!isSeekable(source) && reason.includes('cache')) {
    const limit = STREAM_CACHE_BYTES / 1024 / 1024;
    return unsupported(
      `The audio and the video of one moment lie more than ${limit} MiB apart in ${name}, and a ` +
        'stream cannot go back; give the path of the file instead, or mix them anew with: ' +
        'ffmpeg -i INPUT -c copy -movflags +faststart OUTPUT.mp4',
      { source: name, limit: STREAM_CACHE_BYTES },
    );
  }
  return formatError(
    `${name} cannot be read as MP4 or MOV (${reason}); check it with: ffmpeg -i INPUT -f null -`,
    { source: name },
    error,
  );
}
