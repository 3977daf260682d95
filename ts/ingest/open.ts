import { Readable } from 'node:stream';
import {
  number,
  oneOf,
  optional,
  resolveOptions,
  rule,
  type Resolved,
} from '../internal/options.js';
import { abortable } from '../internal/signal.js';
import { openAdts } from './adts.js';
import type { ByteSource } from './byte-source.js';
import { DETECTION_BYTES, detectFormat, type Detection } from './detect.js';
import { openElementary } from './elementary.js';
import { invalidArgument, READABLE_FORMATS, truncated, unsupported } from './errors.js';
import { openFile } from './file-source.js';
import { openIsoBmff } from './iso-bmff.js';
import { openMatroska } from './matroska.js';
import { OpenedMedia, type MediaReader } from './opened-media.js';
import { StreamSource } from './stream-source.js';
import type { MediaFormat, MediaInput, OpenMediaOptions } from './types.js';

/** Reaches past the document type of Matroska. */
const MIN_PEEK = 64;

const OPTIONS = {
  frameRate: optional(number({ min: 0.01, max: 1000, unit: 'frames a second' })),
  format: optional(oneOf('mp4', 'mov', 'mkv', 'webm', 'h264', 'h265', 'aac')),
  tracks: optional(oneOf('all', 'video', 'audio'), 'all' as const),
  signal: optional(rule<AbortSignal>('an AbortSignal', (value) => value instanceof AbortSignal)),
};

type Settings = Resolved<typeof OPTIONS>;

/**
 * Opens recorded or live media for sending: finds out its format, describes its tracks, and
 * gives its packets in the order that Kinesis Video Streams wants them.
 *
 * @param source - path of a file, `-` for the standard input, or a stream of bytes such as
 * `process.stdin`. From a stream, an MP4 or MOV file must be fragmented or have its index in
 * front; everything else can be streamed as it is. Memory does not grow with the size of a file.
 * @returns the opened media; close it, or read its packets to the end
 * @throws KinesisVideoError: STATUS_INVALID_ARG for an option out of range;
 * STATUS_OPEN_FILE_FAILED and STATUS_READ_FILE_FAILED from the system; STATUS_FORMAT_ERROR for
 * damaged or unknown content; STATUS_UNEXPECTED_EOF when it is empty or cut off before its
 * description; STATUS_NOT_IMPLEMENTED for a format or codec that cannot be sent; STATUS_NOT_FOUND
 * when it has no track of the kind asked for
 */
export async function openMedia(
  source: string | Readable,
  options: OpenMediaOptions = {},
): Promise<MediaInput> {
  const settings = resolveOptions('openMedia', OPTIONS, options);
  const { signal } = settings;
  signal?.throwIfAborted();
  const opening = openSource(source);
  const bytes = await abortable(opening, signal).catch((error: unknown) => {
    // The system may open the file after the wait for it was given up.
    opening.then((late) => late.close()).catch(() => undefined);
    throw error;
  });
  try {
    const format = settings.format ?? (await abortable(sniff(bytes), signal));
    const reader = await abortable(openReader(bytes, format, settings), signal);
    return new OpenedMedia(reader, bytes, signal);
  } catch (error) {
    await bytes.close().catch(() => undefined);
    throw error;
  }
}

async function openSource(source: string | Readable): Promise<ByteSource> {
  if (source === '-') return new StreamSource(process.stdin, 'the standard input');
  if (typeof source === 'string') return openFile(source);
  if (source instanceof Readable) return new StreamSource(source);
  throw invalidArgument(`Expected a path or a Readable for source but received ${typeof source}.`, {
    type: typeof source,
  });
}

/** Reads on until the first bytes tell the format. */
async function sniff(source: ByteSource): Promise<MediaFormat> {
  for (let wanted = MIN_PEEK; ;) {
    const head = await source.peek(wanted);
    if (head.length === 0) {
      throw truncated(`There is nothing in ${source.name}; check that what writes it runs.`, {});
    }
    const whole = head.length < wanted || head.length >= DETECTION_BYTES;
    const detection = detectFormat(head, whole);
    if (detection !== undefined && 'format' in detection) return detection.format;
    if (detection !== undefined || whole) throw notReadable(source.name, detection);
    wanted = head.length + 1;
  }
}

function notReadable(name: string, detection: Detection) {
  if (detection === undefined || !('foreign' in detection)) {
    return unsupported(
      `${name} is not in a format that can be sent; give ${READABLE_FORMATS}, ` +
        'or name the format when it is one of these.',
      { source: name },
    );
  }
  const { foreign, remedy = `give ${READABLE_FORMATS}` } = detection;
  return unsupported(`${name} is ${foreign}, which cannot be sent; ${remedy}.`, {
    source: name,
    format: foreign,
  });
}

function openReader(
  source: ByteSource,
  format: MediaFormat,
  { frameRate, tracks }: Settings,
): Promise<MediaReader> {
  switch (format) {
    case 'h264':
    case 'h265':
      return openElementary(source, format, frameRate);
    case 'aac':
      return openAdts(source, tracks);
    case 'mkv':
    case 'webm':
      return openMatroska(source, format, tracks);
    case 'mp4':
    case 'mov':
      return openIsoBmff(source, format, tracks);
  }
}
