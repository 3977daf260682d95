import {
  FragmentParser,
  type FragmentEnd,
  type FragmentHeader,
  type FragmentParserOptions,
} from './fragment-parser.js';
import type { FragmentError } from './fragment-tags.js';
import type { MatroskaFrame } from './frame-reader.js';

/** How complete a fragment is: `open` until it is over, `cut` when it ended too early. */
export type FragmentState = 'open' | 'whole' | 'cut';

/** What a stream of fragments consists of, in its order. */
export type FragmentItem =
  | { readonly type: 'fragment'; readonly header: FragmentHeader }
  | { readonly type: 'frame'; readonly frame: MatroskaFrame }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'end'; readonly end: FragmentEnd; readonly state: 'whole' | 'cut' }
  | { readonly type: 'error'; readonly error: FragmentError };

/** Bytes in, items out, each once. */
export class FragmentItems {
  readonly #parser: FragmentParser;
  readonly #items: FragmentItem[] = [];
  /** How many of them were taken. */
  #taken = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: FragmentParserOptions = {}) {
    const items = this.#items;
    this.#parser = new FragmentParser(
      {
        fragment: (header) => items.push({ type: 'fragment', header }),
        frame: (frame) => items.push({ type: 'frame', frame }),
        bytes: (bytes) => items.push({ type: 'bytes', bytes }),
        end: (end) => items.push({ type: 'end', end, state: 'whole' }),
        error: (error) => items.push({ type: 'error', error }),
      },
      options,
    );
  }

  /** Takes bytes; undefined is the end of the input. What is wrong with them is told by `take`. */
  push(chunk: Uint8Array | undefined): void {
    try {
      if (chunk === undefined) this.#parser.end();
      else this.#parser.push(chunk);
    } catch (error) {
      this.#failure = { error };
    }
  }

  /** The next item, if there is one. Throws MatroskaError behind the last one that was sound. */
  take(): FragmentItem | undefined {
    const item = this.#items[this.#taken];
    if (item !== undefined) {
      this.#taken += 1;
      return item;
    }
    this.#items.length = 0;
    this.#taken = 0;
    if (this.#failure !== undefined) throw this.#failure.error;
    return undefined;
  }
}
