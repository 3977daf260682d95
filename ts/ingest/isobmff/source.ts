/** Our byte sources in the shape that mediabunny reads from. */
import type { CustomSource, ReadableStreamSource } from 'mediabunny';
import type { ByteSource, SeekableSource } from '../byte-source.js';
import { truncated } from '../errors.js';
import type { StreamBoxes } from './boxes.js';
import type { Mediabunny } from './mediabunny.js';

const FILE_CACHE_BYTES = 8 * 1024 * 1024;
/** How far apart the audio and the video of one moment may lie in a stream. */
export const STREAM_CACHE_BYTES = 16 * 1024 * 1024;

/** A file: pieces are read where they are wanted. */
export function fileSource({ CustomSource }: Mediabunny, source: SeekableSource): CustomSource {
  return new CustomSource({
    getSize: () => source.size,
    read: async (start, end) => {
      const bytes = await source.readAt(start, end - start);
      if (bytes.length === end - start) return bytes;
      const position = start + bytes.length;
      throw truncated(`${source.name} was cut to ${position} bytes while it was read.`, {
        source: source.name,
        position,
      });
    },
    maxCacheSize: FILE_CACHE_BYTES,
    prefetchProfile: 'fileSystem',
    handleUnhandledError: () => undefined,
  });
}

/** A stream: bytes are read in order and the latest are kept. */
export function streamSource(
  { ReadableStreamSource }: Mediabunny,
  source: ByteSource,
  boxes: StreamBoxes,
): ReadableStreamSource {
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await source.read();
        if (chunk === undefined) {
          boxes.end();
          controller.close();
          return;
        }
        boxes.push(chunk);
        controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
  return new ReadableStreamSource(stream, {
    maxCacheSize: STREAM_CACHE_BYTES,
    handleUnhandledError: () => undefined,
  });
}
