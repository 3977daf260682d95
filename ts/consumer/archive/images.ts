import {
  expected,
  number,
  oneOf,
  optional,
  resolveOptions,
  type Check,
} from '../../internal/options.js';
import {
  checkOrder,
  signal,
  streamName,
  timestamp,
  type FragmentSelectorType,
  type StreamCallOptions,
  type Timestamp,
} from '../checks.js';
import type { DataPlane } from '../data-plane.js';

/** Which images to get. */
export interface GetImagesOptions extends StreamCallOptions {
  /** When the first image is shown. */
  readonly startTimestamp: Timestamp;
  /** The last image is shown then or earlier. */
  readonly endTimestamp: Timestamp;
  /** Whose clock the times are of. Default `SERVER_TIMESTAMP`. */
  readonly imageSelectorType?: FragmentSelectorType | undefined;
  /** Milliseconds between images, at least 200. Default 3000. */
  readonly samplingInterval?: number | undefined;
  /** Default `JPEG`. */
  readonly format?: 'JPEG' | 'PNG' | undefined;
  /** Quality of JPEG, 1 to 100. Default 80. */
  readonly jpegQuality?: number | undefined;
  /** Width of the images, 1 to 3840; only together with `heightPixels`, and they are stretched. */
  readonly widthPixels?: number | undefined;
  /** Height of the images, 1 to 2160; alone, the width follows. Default: as the video has it. */
  readonly heightPixels?: number | undefined;
}

/** An image of a stream, or why there is none. */
export interface StreamImage {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** The file; undefined when there is no image at that time. */
  readonly data: Uint8Array | undefined;
  /** Why: nothing was sent at that time, `NO_MEDIA`, or it cannot be decoded, `MEDIA_ERROR`. */
  readonly error: 'NO_MEDIA' | 'MEDIA_ERROR' | undefined;
}

const MIN_INTERVAL = 200;
const DEFAULT_INTERVAL = 3000;
/** The longest span, in milliseconds, that one request may ask for. */
const MAX_SPAN = 300_000;

const SHAPE = {
  streamName,
  signal,
  startTimestamp: timestamp,
  endTimestamp: timestamp,
  imageSelectorType: optional(
    oneOf('SERVER_TIMESTAMP', 'PRODUCER_TIMESTAMP'),
    'SERVER_TIMESTAMP' as const,
  ),
  samplingInterval: optional(
    number({ min: MIN_INTERVAL, max: 2 ** 31 - 1, unit: 'milliseconds', whole: true }),
    DEFAULT_INTERVAL,
  ),
  format: optional(oneOf('JPEG', 'PNG'), 'JPEG' as const),
  jpegQuality: optional(number({ min: 1, max: 100, unit: 'percent', whole: true })),
  widthPixels: optional(number({ min: 1, max: 3840, unit: 'pixels', whole: true })),
  heightPixels: optional(number({ min: 1, max: 2160, unit: 'pixels', whole: true })),
} satisfies Record<keyof GetImagesOptions, Check<unknown>>;

/** Gets images, page by page as they are taken; see `KinesisVideoConsumer.getImages`. */
export function getImages(
  data: DataPlane,
  options: GetImagesOptions,
): AsyncGenerator<StreamImage, void, undefined> {
  const resolved = resolveOptions('getImages', SHAPE, options);
  const { startTimestamp, endTimestamp, widthPixels, heightPixels } = resolved;
  checkOrder(startTimestamp, endTimestamp);
  if (widthPixels !== undefined && heightPixels === undefined) {
    throw expected('a height beside widthPixels', 'heightPixels', undefined);
  }
  if (resolved.format === 'PNG' && resolved.jpegQuality !== undefined) {
    throw expected('no quality with PNG', 'jpegQuality', resolved.jpegQuality);
  }
  return pages(data, resolved);
}

type Resolved = ReturnType<typeof resolveOptions<typeof SHAPE>>;

async function* pages(
  data: DataPlane,
  options: Resolved,
): AsyncGenerator<StreamImage, void, undefined> {
  const call = {
    api: 'GET_IMAGES' as const,
    operation: 'GetImages',
    streamName: options.streamName,
    signal: options.signal,
  };
  for (const [start, end] of windowsOf(options)) {
    let token: string | undefined;
    do {
      const input = inputOf(options, start, end, token);
      const answer = await data.archived(call, (sdk, client, send) =>
        client.send(new sdk.GetImagesCommand(input), send),
      );
      for (const image of answer.Images ?? []) {
        if (image.TimeStamp === undefined) throw data.malformed(call, 'TimeStamp');
        yield {
          timestamp: image.TimeStamp.getTime(),
          data: image.ImageContent ? Buffer.from(image.ImageContent, 'base64') : undefined,
          error: image.Error,
        };
      }
      token = answer.NextToken;
    } while (token);
  }
}

/** Spans that the service takes, cut between images. */
function* windowsOf(options: Resolved): Generator<[start: Date, end: Date], void> {
  const { samplingInterval, startTimestamp, endTimestamp } = options;
  const step = Math.max(1, Math.floor(MAX_SPAN / samplingInterval)) * samplingInterval;
  const last = endTimestamp.getTime();
  for (let start = startTimestamp.getTime(); start <= last; start += step) {
    const end = Math.min(last, start + Math.min(step, MAX_SPAN) - 1);
    // A span without length is none for the service.
    yield [new Date(start), new Date(Math.max(end, start + 1))];
  }
}

function inputOf(options: Resolved, start: Date, end: Date, token: string | undefined) {
  const { jpegQuality } = options;
  return {
    StreamName: options.streamName,
    ImageSelectorType: options.imageSelectorType,
    StartTimestamp: start,
    EndTimestamp: end,
    SamplingInterval: options.samplingInterval,
    Format: options.format,
    ...(jpegQuality !== undefined && { FormatConfig: { JPEGQuality: String(jpegQuality) } }),
    WidthPixels: options.widthPixels,
    HeightPixels: options.heightPixels,
    NextToken: token,
  };
}
