import { formatBytes } from '../format.js';
import { openOutput, ReaderGoneError } from '../get/output.js';
import { JsonLines } from '../json-lines.js';
import type { ConnectionOptions } from '../connection.js';
import type { LogOptions } from '../log.js';
import { spanOf } from './range.js';
import { withConsumer } from './with-consumer.js';

/** What `kvs clip` was asked for. */
export interface ClipOptions extends ConnectionOptions, LogOptions {
  readonly stream: string;
  readonly start: number;
  readonly end: number | 'now';
  readonly by: 'server' | 'producer';
  readonly output: string;
  readonly json: boolean;
}

/** Saves a clip. Returns the exit status. */
export async function saveClip(options: ClipOptions): Promise<number> {
  return withConsumer(options, async ({ consumer, signal, terminal }) => {
    const { stream, output: path, json } = options;
    const range = { streamName: stream, signal, ...spanOf(options) };
    const { body, contentType } = await consumer.getClip(range);
    const output = openOutput(path);
    const onAbort = (): void => {
      body.destroy();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    let bytes = 0;
    try {
      for await (const piece of body as AsyncIterable<Buffer>) {
        await output.write(piece);
        bytes += piece.length;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ReaderGoneError)) throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      body.destroy();
      await output.close();
    }
    new JsonLines(json).write('summary', { streamName: stream, output: path, bytes, contentType });
    if (path !== '-' && !json) terminal.line(`${path}: ${formatBytes(bytes)}`);
    return undefined;
  });
}
