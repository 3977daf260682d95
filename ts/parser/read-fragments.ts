import { Breather } from './breather.js';
import { chunksOf, type ByteSource } from './byte-source.js';
import { MatroskaError } from './errors.js';
import { FragmentItems, type FragmentItem } from './fragment-items.js';
import type { FragmentParserOptions } from './fragment-parser.js';
import type { FragmentError } from './fragment-tags.js';
import type { MatroskaFrame } from './frame-reader.js';
import { fragmentsOf, type BeginItem } from './fragment-sequence.js';
import { StreamedFragment, type MediaFragment } from './media-fragment.js';

/** How fragments are read. */
export interface ReadFragmentsOptions extends FragmentParserOptions {
  /** Ends the reading, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Is told that the service could not give a fragment. Without it the reading rejects with a
   * MatroskaError SERVICE_ERROR.
   */
  readonly onError?: (error: FragmentError) => void;
}

/**
 * Reads the fragments of what GetMedia or GetMediaForFragmentList answers, or of other Matroska, whose
 * clusters are taken for fragments. Each is given out when it begins. No more is read of the source than
 * is asked for, and it is closed when the loop is left.
 *
 * Rejects with a MatroskaError for input that is damaged, with what the source rejects with, or with the
 * signal's reason.
 */
export async function* readFragments(
  source: ByteSource,
  options: ReadFragmentsOptions = {},
): AsyncGenerator<MediaFragment, void, undefined> {
  const chunks = chunksOf(source, options.signal);
  const items = new FragmentItems(options);
  const breather = new Breather();
  const next = async (): Promise<FragmentItem | undefined> => {
    for (let isOver = false; ;) {
      const item = items.take();
      const turn = breather.pass();
      if (turn !== undefined) {
        await turn;
        options.signal?.throwIfAborted();
      }
      if (item?.type === 'error') tell(item.error, options.onError);
      else if (item !== undefined || isOver) return item;
      else {
        const { done, value } = await chunks.next();
        isOver = done === true;
        items.push(isOver ? undefined : (value as Uint8Array));
      }
    }
  };
  const make = ({ header }: BeginItem): StreamedFragment => new StreamedFragment(header, next);
  yield* fragmentsOf(next, make, () => chunks.return());
}

/** Reads the frames of Matroska or WebM, in the order of the input; see `readFragments`. */
export async function* readFrames(
  source: ByteSource,
  options: ReadFragmentsOptions = {},
): AsyncGenerator<MatroskaFrame, void, undefined> {
  for await (const fragment of readFragments(source, options)) yield* fragment.frames();
}

function tell(error: FragmentError, onError: ReadFragmentsOptions['onError']): void {
  if (onError !== undefined) {
    onError(error);
    return;
  }
  const which = error.fragmentNumber === undefined ? '' : ` for fragment ${error.fragmentNumber}`;
  const id = error.id === undefined ? '' : ` ${error.id}`;
  throw new MatroskaError(
    'SERVICE_ERROR',
    `The service tells error${id}${which}: ${error.message}`,
  );
}
