import type { Readable } from 'node:stream';
import type { Converter, SavedMedia } from './converters.js';
import type { Output } from './output.js';

/**
 * Writes the answer of GetMedia to an output, no faster than that takes it. When the answer is cut
 * off, by a failure or by the signal, whole fragments are left.
 *
 * @returns what was saved, and the error that ended it, unless that was the end or the signal
 */
export async function saveMedia(
  media: Readable,
  converter: Converter,
  output: Output,
  signal: AbortSignal,
): Promise<{ saved: SavedMedia; error?: unknown }> {
  const onAbort = (): void => {
    media.destroy();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  let failure: { error: unknown } | undefined;
  try {
    for await (const chunk of media as AsyncIterable<Buffer>) {
      const bytes = converter.push(chunk);
      if (bytes.length > 0) await output.write(bytes);
    }
  } catch (error) {
    failure = { error };
  } finally {
    signal.removeEventListener('abort', onAbort);
    media.destroy();
  }
  const { saved, error } = await endWhole(converter, output);
  if (signal.aborted) return { saved };
  return { saved, ...(failure ?? error) };
}

/** Cuts off the beginning of a fragment whose end has not come. */
async function endWhole(
  converter: Converter,
  output: Output,
): Promise<{ saved: SavedMedia; error?: { error: unknown } }> {
  try {
    converter.end();
    return { saved: converter.saved };
  } catch (error) {
    const cut = await output.truncate(converter.whole.bytes);
    return { saved: cut ? converter.whole : converter.saved, error: { error } };
  }
}
