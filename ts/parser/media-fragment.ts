import { MatroskaError } from './errors.js';
import type { FragmentItem, FragmentState } from './fragment-items.js';
import type { FragmentEnd, FragmentHeader } from './fragment-parser.js';
import type { FragmentEvent, FragmentTag } from './fragment-tags.js';
import type { MatroskaFrame } from './frame-reader.js';

/**
 * A fragment, given out as soon as it begins: its frames can be read while they arrive. It must be read
 * before the next fragment is asked for, which passes over what is left of it.
 */
export interface MediaFragment extends FragmentHeader {
  /** Tags of the producer that have come so far. */
  readonly tags: readonly FragmentTag[];
  /** Events that the producer has asked for so far. */
  readonly events: readonly FragmentEvent[];
  /** Whether all of it has been read: `cut` when it ended too early. */
  readonly state: FragmentState;
  /** What is known when it is over; undefined until then. */
  readonly end: FragmentEnd | undefined;
  /**
   * Its frames as they arrive, in the order of the stream. Leaving the loop and calling it again goes
   * on behind the last frame. Rejects with a MatroskaError when the input is damaged.
   */
  frames(): AsyncGenerator<MatroskaFrame, void, undefined>;
  /** Its bytes as they arrive, headers and tags of the service included, instead of its frames. */
  bytes(): AsyncGenerator<Uint8Array, void, undefined>;
  /** All its bytes in one piece; a fragment of the service has at most 50 MB. */
  data(): Promise<Uint8Array>;
  /** Reads up to its end and returns what is known then; frames that were not read are lost. */
  finish(): Promise<FragmentEnd>;
}

type Part = 'frames' | 'bytes';

/** A fragment whose items come from a source that it shares with those before and after it. */
export class StreamedFragment implements MediaFragment {
  readonly fragmentNumber?: string;
  readonly serverTimestamp?: number;
  readonly producerTimestamp?: number;
  readonly segment: FragmentHeader['segment'];
  readonly tracks: FragmentHeader['tracks'];
  readonly #header: FragmentHeader;
  readonly #next: () => Promise<FragmentItem | undefined>;
  #part: Part | undefined;
  #end: FragmentEnd | undefined;
  #state: FragmentState = 'open';

  /** @param next - gets the item after the last one, undefined when the input is over */
  constructor(header: FragmentHeader, next: () => Promise<FragmentItem | undefined>) {
    const { fragmentNumber, serverTimestamp, producerTimestamp } = header;
    if (fragmentNumber !== undefined) this.fragmentNumber = fragmentNumber;
    if (serverTimestamp !== undefined) this.serverTimestamp = serverTimestamp;
    if (producerTimestamp !== undefined) this.producerTimestamp = producerTimestamp;
    this.segment = header.segment;
    this.tracks = header.tracks;
    this.#header = header;
    this.#next = next;
  }

  get tags(): readonly FragmentTag[] {
    return this.#end?.tags ?? this.#header.tags;
  }

  get events(): readonly FragmentEvent[] {
    return this.#end?.events ?? this.#header.events;
  }

  get state(): FragmentState {
    return this.#state;
  }

  get end(): FragmentEnd | undefined {
    return this.#end;
  }

  async *frames(): AsyncGenerator<MatroskaFrame, void, undefined> {
    this.#choose('frames');
    for (;;) {
      const item = await this.#advance();
      if (item === undefined) return;
      if (item.type === 'frame') yield item.frame;
    }
  }

  async *bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#choose('bytes');
    for (;;) {
      const item = await this.#advance();
      if (item === undefined) return;
      if (item.type === 'bytes') yield item.bytes;
    }
  }

  async data(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.bytes()) pieces.push(piece);
    const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  async finish(): Promise<FragmentEnd> {
    for (;;) {
      if (this.#end !== undefined) return this.#end;
      await this.#advance();
    }
  }

  /** Gives it up: the input is over, or has been left. */
  abandon(): void {
    if (this.#state === 'open') this.#state = 'cut';
  }

  #choose(part: Part): void {
    const other = this.#part !== undefined && this.#part !== part;
    if (this.#state !== 'open' || other) {
      const name = this.fragmentNumber ?? '';
      const what = other ? `has been read as ${this.#part ?? ''}` : 'has been read or passed over';
      throw new MatroskaError('PASSED_OVER', `The fragment ${name} ${what} already`);
    }
    this.#part = part;
  }

  /** The next item of the fragment; undefined when it is over. */
  async #advance(): Promise<FragmentItem | undefined> {
    if (this.#state !== 'open') return undefined;
    const item = await this.#read();
    if (item.type !== 'end') return item;
    this.#state = item.state;
    this.#end = item.end;
    return undefined;
  }

  async #read(): Promise<FragmentItem> {
    try {
      const item = await this.#next();
      if (item !== undefined) return item;
    } catch (error) {
      this.abandon();
      throw error;
    }
    this.abandon();
    throw new MatroskaError('TRUNCATED', 'The input was closed inside a fragment');
  }
}
