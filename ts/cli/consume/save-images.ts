import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KinesisVideoError } from '../../internal/errors.js';
import type { ConnectionOptions } from '../connection.js';
import { count, formatTime } from '../format.js';
import { JsonLines } from '../json-lines.js';
import type { LogOptions } from '../log.js';
import { clockOf, spanOf } from './range.js';
import { withConsumer } from './with-consumer.js';

/** What `kvs images` was asked for. */
export interface ImagesOptions extends ConnectionOptions, LogOptions {
  readonly stream: string;
  readonly start: number;
  readonly end: number | 'now';
  readonly by: 'server' | 'producer';
  readonly interval: number;
  readonly format: 'jpeg' | 'png';
  readonly quality: number | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly output: string;
  readonly json: boolean;
}

/** Saves images as files. Returns the exit status: 1 when there is none. */
export async function saveImages(options: ImagesOptions): Promise<number> {
  return withConsumer(options, async ({ consumer, signal, terminal }) => {
    const { stream, output: folder, format } = options;
    const { startTimestamp, endTimestamp } = spanOf(options);
    const images = consumer.getImages({
      streamName: stream,
      signal,
      startTimestamp,
      endTimestamp,
      imageSelectorType: clockOf(options.by),
      samplingInterval: options.interval,
      format: format === 'jpeg' ? 'JPEG' : 'PNG',
      jpegQuality: options.quality,
      widthPixels: options.width,
      heightPixels: options.height,
    });
    const json = new JsonLines(options.json);
    let saved = 0;
    let missing = 0;
    for await (const { timestamp, data, error } of images) {
      if (data === undefined) {
        missing += 1;
        json.write('image', { timestamp, error: error ?? 'NO_MEDIA' });
        continue;
      }
      const file = join(folder, fileName(timestamp, format));
      await save(folder, file, data);
      saved += 1;
      json.write('image', { timestamp, file, bytes: data.length });
    }
    const exitStatus = saved > 0 ? 0 : 1;
    json.write('summary', { streamName: stream, images: saved, missing, exitStatus });
    const none = missing === 0 ? '' : `; ${missing} without media`;
    if (!options.json) terminal.line(`${folder}: ${count(saved, 'image')}${none}`);
    return exitStatus;
  });
}

/** The time without what file systems do not like: `2026-01-31T12-00-00.000Z.jpg`. */
function fileName(timestamp: number, format: 'jpeg' | 'png'): string {
  const time = formatTime(timestamp).replaceAll(':', '-');
  return `${time}.${format === 'jpeg' ? 'jpg' : 'png'}`;
}

async function save(folder: string, path: string, data: Uint8Array): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(path, data);
  } catch (error) {
    const { message, code: reason } = error as NodeJS.ErrnoException;
    const advice = 'check the folder, its permissions and the space on its disk';
    throw new KinesisVideoError(
      'STATUS_WRITE_TO_FILE_FAILED',
      `'${path}' cannot be written (${message}): ${advice}.`,
      { values: { path, reason }, advice, cause: error },
    );
  }
}
