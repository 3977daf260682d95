import {
  describeTrack,
  framesOf,
  initSegment,
  mediaSegment,
  samplesOf,
  type MatroskaFragment,
  type MuxSample,
  type VideoTrack,
} from '../../mux/index.js';
import { runFfmpeg } from './ffmpeg.js';
import { splitImages } from './split-images.js';

/** How images are encoded. */
export interface ImageSettings {
  readonly format: 'JPEG' | 'PNG';
  /** Of JPEG: 1 to 100. */
  readonly quality: number;
  /** Pixels. Of one alone the other follows by the aspect; without both it is as in the stream. */
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/** Video has to be in this track. */
const VIDEO_TRACK = 1;
/** Where the fragment begins on the time line that ffmpeg sees, so that no time is below zero. */
const ORIGIN_S = 10;
/** Frames are further apart than twice this. */
const TOLERANCE_S = 0.0004;
/** The scale of quantizers that ffmpeg takes for JPEG. */
const QUANTIZER = { MIN: 1, MAX: 69 } as const;
/** By how much a step of it scales the quantization tables, in the percents of the usual quality. */
const PERCENT_PER_STEP = 6.25;

/**
 * Makes an image of the picture that is shown at each of `offsets`, in milliseconds from the
 * fragment's own timestamp; undefined where that is not possible. Throws NotImplementedException
 * when ffmpeg is not installed, and the reason of `signal`.
 */
export async function extractImages(
  fragment: MatroskaFragment,
  offsets: readonly number[],
  settings: ImageSettings,
  signal: AbortSignal,
): Promise<(Buffer | undefined)[]> {
  const track = videoTrackOf(fragment);
  if (track === undefined) return offsets.map(() => undefined);
  const frames = framesOf(fragment, track.id);
  const { timescale } = track;
  const origin = timescale.fromMilliseconds(ORIGIN_S * 1000);
  const samples = samplesOf(track, frames, origin);
  const shown = samples.map((sample) => sample.presentationTime).sort((a, b) => a - b);
  const wanted = offsets.map((offset) => {
    const time = origin + timescale.fromMilliseconds(offset);
    return shown.findLast((presentationTime) => presentationTime <= time) ?? shown[0] ?? time;
  });
  const times = [...new Set(wanted)].sort((a, b) => a - b);
  const images = await decodeAt({ track, samples, times, settings, signal });
  return wanted.map((time) => images[times.indexOf(time)]);
}

/** A request for pictures at presentation times, ascending, each of which a sample has. */
interface Decoding {
  readonly track: VideoTrack;
  readonly samples: readonly MuxSample[];
  readonly times: readonly number[];
  readonly settings: ImageSettings;
  readonly signal: AbortSignal;
}

/** The track that pictures are in; undefined when it cannot be decoded. */
function videoTrackOf({ tracks, timestampScale }: MatroskaFragment): VideoTrack | undefined {
  const track = tracks.find(({ number }) => number === VIDEO_TRACK);
  if (track === undefined) return undefined;
  try {
    const described = describeTrack(track, timestampScale);
    return described.type === 'video' ? described : undefined;
  } catch {
    return undefined;
  }
}

async function decodeAt(decoding: Decoding): Promise<(Buffer | undefined)[]> {
  const { times } = decoding;
  const images = await decode(decoding);
  if (images.length === times.length) return images;
  if (times.length === 1) return [undefined];
  // It does not tell which ones it could not decode.
  const single: (Buffer | undefined)[] = [];
  for (const time of times) {
    single.push((await decode({ ...decoding, times: [time] }))[0]);
  }
  return single;
}

async function decode({ track, samples, times, settings, signal }: Decoding): Promise<Buffer[]> {
  const last = times.at(-1) ?? 0;
  // What is decoded later than the last picture is shown cannot be needed for it.
  const needed = samples.filter(({ decodeTime }) => decodeTime <= last);
  const media = mediaSegment(1, [{ track, samples: needed }]);
  const { ticksPerSecond } = track.timescale;
  const args = argumentsFor(
    times.map((time) => time / ticksPerSecond),
    settings,
  );
  const { output } = await runFfmpeg(args, [initSegment([track]), media], signal);
  return splitImages(output, settings.format);
}

function argumentsFor(times: readonly number[], settings: ImageSettings): string[] {
  const { format, width, height } = settings;
  const chosen = times.map((time) => `lt(abs(t-${time.toFixed(6)}),${TOLERANCE_S})`).join('+');
  const size = width ?? height;
  const filters = [
    `select='${chosen}'`,
    // One picture a second, of which the muxer then neither drops nor repeats any.
    'setpts=N/TB',
    ...(size === undefined ? [] : [`scale=${width ?? -1}:${height ?? -1}`]),
    format === 'JPEG' ? 'format=yuvj420p' : 'format=rgb24',
  ];
  return [
    ...['-copyts', '-f', 'mp4', '-i', 'pipe:0', '-map', '0:v:0'],
    ...['-vf', filters.join(','), '-r', '1', '-frames:v', String(times.length)],
    ...(format === 'JPEG' ? ['-c:v', 'mjpeg', ...quantizers(settings.quality)] : ['-c:v', 'png']),
    ...['-f', 'image2pipe', 'pipe:1'],
  ];
}

/** From the usual scale of quality to that of ffmpeg. */
function quantizers(quality: number): string[] {
  const percents = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  const steps = Math.round(percents / PERCENT_PER_STEP);
  const scale = Math.min(QUANTIZER.MAX, Math.max(QUANTIZER.MIN, steps));
  return ['-qmin', String(QUANTIZER.MIN), '-qmax', String(QUANTIZER.MAX), '-q:v', String(scale)];
}
