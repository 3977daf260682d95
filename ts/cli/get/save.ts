import type { Readable } from 'node:stream';
import type { Converter, SavedMedia } from './converters.js';
import type { Output } from './output.js';

/** How the saving ended. */
export interface SaveOutcome {
  readonly saved: SavedMedia;
  /** What ended it, unless that was the end of the media or the signal. */
  readonly failure?: { readonly error: unknown };
}

/**
 * Writes the answer of GetMedia to an output, no faster than that takes it. When the answer is cut
 * off, by a failure or by the signal, whole fragments are left. Never rejects for what the service
 * or the output does.
 */
export async function saveMedia(
  media: Readable,
  converter: Converter,
  output: Output,
  signal: AbortSignal,
): Promise<SaveOutcome> {
  const onAbort = (): void => {
    media.destroy();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const unwritten = await copy(media, converter, output);
    if (unwritten !== undefined) {
      await output.truncate(unwritten.saved.bytes);
      return unwritten;
    }
    return await endWhole(converter, output);
  } catch (error) {
    const { saved } = await endWhole(converter, output);
    return signal.aborted ? { saved } : { saved, failure: { error } };
  } finally {
    signal.removeEventListener('abort', onAbort);
    media.destroy();
  }
}

/**
 * Copies until the media end; throws what ends them too early. Returns what was saved when the
 * output takes no more.
 */
async function copy(
  media: Readable,
  converter: Converter,
  output: Output,
): Promise<SaveOutcome | undefined> {
  let written: SavedMedia = { fragments: 0, bytes: 0 };
  for await (const chunk of media as AsyncIterable<Buffer>) {
    const bytes = converter.push(chunk);
    try {
      if (bytes.length > 0) await output.write(bytes);
    } catch (error) {
      return { saved: written, failure: { error } };
    }
    written = { ...converter.whole };
    if (converter.failure !== undefined) throw converter.failure.error;
  }
  return undefined;
}

/** Cuts off the beginning of a fragment whose end has not come. */
async function endWhole(converter: Converter, output: Output): Promise<SaveOutcome> {
  try {
    converter.end();
    return { saved: converter.saved };
  } catch (error) {
    const isCut = await output.truncate(converter.whole.bytes);
    return { saved: isCut ? converter.whole : converter.saved, failure: { error } };
  }
}
