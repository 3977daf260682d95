/**
 * An incremental EBML reader: bytes go in as they arrive, cut anywhere, and events come out. It
 * holds one element header and at most one small element at a time, so its memory does not
 * depend on the size of frames, clusters or the whole input.
 */
import {
  ELEMENTS,
  ElementId,
  GLOBAL_ELEMENTS,
  UNKNOWN_SIZE_ELEMENTS,
  elementName,
} from './elements.js';
import { MatroskaError } from './errors.js';
import { MAX_HEADER_SIZE, readHeader, type ElementHeader } from './header.js';
import { ValueBuffer } from './value-buffer.js';

/** One element of the input, known from its header on. */
export interface EbmlElement {
  /** What it is, see `ElementId`. */
  readonly id: number;
  /** Where its header begins, in bytes from the start of the input. */
  readonly offset: number;
  /** Bytes of its id and its size. */
  readonly headerSize: number;
  /** Bytes of content; undefined while it is unknown. */
  readonly size: number | undefined;
  /** 0 for EBML and Segment, 1 for the children of a Segment, and so on. */
  readonly depth: number;
}

/**
 * Receives the events of a reader. A value is valid until the handler returns; the pieces that
 * `data` and `bytes` get are views of the chunk given to `push`, or copies, and stay valid for as
 * long as the chunk does. What a handler throws comes out of `push`, and the reader accepts
 * nothing more.
 */
export interface EbmlHandler {
  /** A header has been read. For values and streamed elements the content follows. */
  start?(element: EbmlElement): void;
  /** The whole content of an element that is kept in memory. */
  value?(element: EbmlElement, data: Uint8Array): void;
  /** The next piece of the content of a streamed element. */
  data?(element: EbmlElement, piece: Uint8Array): void;
  /** The element is complete. */
  end?(element: EbmlElement): void;
  /**
   * Every byte of the input, once and in order. Pieces are cut so that at the `start` and `end`
   * of an element of depth 0 or 1 all bytes before that point have been delivered, and none after.
   */
  bytes?(piece: Uint8Array): void;
}

/** How the reader treats elements and where it draws the line. */
export interface EbmlReaderOptions {
  /** Masters that are delivered whole, as values, instead of child by child. */
  readonly collected?: readonly number[];
  /** Elements whose content is delivered in pieces. Default: blocks, attachments and chapters. */
  readonly streamed?: readonly number[];
  /** Largest element that is kept in memory, in bytes. Default 4 MiB. */
  readonly maxValueBytes?: number;
}

interface OpenMaster {
  readonly element: EbmlElement;
  /** Offset it cannot reach beyond: its own end, or that of the nearest parent of known size. */
  readonly end: number;
}

type LeafKind = 'value' | 'streamed' | 'skipped';

const DEFAULT_MAX_VALUE_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 16;
/** Elements of this depth or less cut the `bytes` events. */
const CUT_DEPTH = 1;
const DEFAULT_STREAMED = [
  ElementId.SimpleBlock,
  ElementId.Block,
  ElementId.BlockAdditions,
  ElementId.Attachments,
  ElementId.Chapters,
];

/** Reads EBML incrementally; see EbmlHandler for what comes out. */
export class EbmlReader {
  readonly #handler: EbmlHandler;
  readonly #collected: ReadonlySet<number>;
  readonly #streamed: ReadonlySet<number>;
  readonly #maxValueBytes: number;

  readonly #masters: OpenMaster[] = [];
  readonly #header = new Uint8Array(MAX_HEADER_SIZE);
  #headerFill = 0;
  #leaf: EbmlElement | undefined;
  #leafKind: LeafKind = 'skipped';
  #leafLeft = 0;
  readonly #value = new ValueBuffer();

  /** Offset in the input of the first byte of the current chunk. */
  #chunkOffset = 0;
  /** First byte of the current chunk that has not been given to `bytes`. */
  #undelivered = 0;
  #failure: Error | undefined;

  constructor(handler: EbmlHandler, options: EbmlReaderOptions = {}) {
    this.#handler = handler;
    this.#collected = new Set(options.collected ?? []);
    this.#streamed = new Set(options.streamed ?? DEFAULT_STREAMED);
    this.#maxValueBytes = options.maxValueBytes ?? DEFAULT_MAX_VALUE_BYTES;
  }

  /** Bytes taken so far. */
  get offset(): number {
    return this.#chunkOffset;
  }

  /**
   * Takes the next bytes, as many or as few as there are. Throws MatroskaError for invalid input,
   * and the same error again on every later call.
   */
  push(chunk: Uint8Array): void {
    this.#guard(() => {
      this.#undelivered = 0;
      let at = 0;
      while (at < chunk.length) {
        at = this.#leaf === undefined ? this.#takeHeader(chunk, at) : this.#takeLeaf(chunk, at);
      }
      this.#deliverBytes(chunk, chunk.length);
      this.#chunkOffset += chunk.length;
    });
  }

  /** Marks the end of the input. Throws TRUNCATED when it falls inside an element of known size. */
  end(): void {
    this.#guard(() => {
      const sized = this.#masters.findLast((open) => open.element.size !== undefined);
      const cut = this.#leaf ?? sized?.element;
      if (this.#headerFill > 0 || cut !== undefined) {
        const where = cut === undefined ? 'an element header' : elementName(cut.id);
        throw new MatroskaError('TRUNCATED', `The input ends inside ${where}`, this.#chunkOffset);
      }
      while (this.#masters.length > 0) this.#closeMaster();
    });
  }

  #guard(work: () => void): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      work();
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  }

  /** Reads the header at `at`, or keeps what there is of it; returns where to go on. */
  #takeHeader(chunk: Uint8Array, at: number): number {
    if (this.#headerFill > 0) return this.#completeHeader(chunk, at);
    const base = this.#chunkOffset + at;
    const header = readHeader(chunk, at, this.#chunkOffset);
    if (header !== undefined) {
      this.#open(header, base, chunk, at);
      return this.#settle(chunk, at + header.length);
    }
    this.#deliverBytes(chunk, at);
    this.#header.set(chunk.subarray(at));
    this.#headerFill = chunk.length - at;
    this.#undelivered = chunk.length;
    return chunk.length;
  }

  /** Goes on with a header whose first bytes came with an earlier chunk. */
  #completeHeader(chunk: Uint8Array, at: number): number {
    const known = this.#headerFill;
    const room = Math.min(MAX_HEADER_SIZE - known, chunk.length - at);
    this.#header.set(chunk.subarray(at, at + room), known);
    const base = this.#chunkOffset + at - known;
    const seen = this.#header.subarray(0, known + room);
    const header = readHeader(seen, 0, base);
    if (header === undefined) {
      this.#headerFill = seen.length;
      this.#undelivered = at + room;
      return at + room;
    }
    this.#headerFill = 0;
    const next = at + header.length - known;
    this.#undelivered = next;
    this.#open(header, base, chunk, next);
    this.#handler.bytes?.(seen.slice(0, header.length));
    return this.#settle(chunk, next);
  }

  /** Opens the element of `header`; bytes before `cut` in the chunk come before its start event. */
  #open(header: ElementHeader, offset: number, chunk: Uint8Array, cut: number): void {
    this.#closeUnknownBefore(header.id, chunk, cut);
    const parent = this.#masters.at(-1);
    const element: EbmlElement = {
      id: header.id,
      offset,
      headerSize: header.length,
      size: header.size,
      depth: this.#masters.length,
    };
    this.#check(element, parent);
    if (element.depth <= CUT_DEPTH) this.#deliverBytes(chunk, cut);
    this.#handler.start?.(element);

    const contentAt = offset + header.length;
    if (this.#isDescended(element)) {
      const end = header.size === undefined ? this.#reach() : contentAt + header.size;
      this.#masters.push({ element, end });
      return;
    }
    this.#leaf = element;
    this.#leafLeft = header.size ?? 0;
    this.#leafKind = this.#kindOf(element);
    this.#value.reset(this.#leafLeft);
  }

  /** Throws when the element may not stand here or cannot have this size. */
  #check(element: EbmlElement, parent: OpenMaster | undefined): void {
    const name = elementName(element.id);
    const { offset, size } = element;
    if (parent === undefined && ELEMENTS.get(element.id)?.parent !== undefined) {
      throw new MatroskaError('UNEXPECTED_ELEMENT', `${name} stands at the top level`, offset);
    }
    if (parent === undefined && !ELEMENTS.has(element.id)) {
      throw new MatroskaError('UNEXPECTED_ELEMENT', `${name} is not an EBML document`, offset);
    }
    if (element.depth >= MAX_DEPTH) {
      throw new MatroskaError('TOO_DEEP', `${name} is nested ${MAX_DEPTH} levels deep`, offset);
    }
    if (size === undefined) {
      if (UNKNOWN_SIZE_ELEMENTS.has(element.id)) return;
      throw new MatroskaError('UNKNOWN_SIZE_NOT_ALLOWED', `${name} leaves its size open`, offset);
    }
    const left = this.#reach() - offset - element.headerSize;
    if (size > left) {
      throw new MatroskaError(
        'SIZE_EXCEEDS_PARENT',
        `${name} claims ${size} bytes where its parent has ${Math.max(left, 0)} left`,
        offset,
      );
    }
    if (this.#isKept(element) && size > this.#maxValueBytes) {
      throw new MatroskaError(
        'ELEMENT_TOO_LARGE',
        `${name} has ${size} bytes; at most ${this.#maxValueBytes} are read`,
        offset,
      );
    }
  }

  /** Offset that the next element cannot reach beyond. */
  #reach(): number {
    return this.#masters.at(-1)?.end ?? Infinity;
  }

  #isDescended(element: EbmlElement): boolean {
    return ELEMENTS.get(element.id)?.type === 'master' && !this.#collected.has(element.id);
  }

  #isKept(element: EbmlElement): boolean {
    return !this.#isDescended(element) && this.#kindOf(element) === 'value';
  }

  #kindOf({ id }: EbmlElement): LeafKind {
    if (this.#streamed.has(id)) return 'streamed';
    return !ELEMENTS.has(id) || GLOBAL_ELEMENTS.has(id) ? 'skipped' : 'value';
  }

  /** Delivers content of the open leaf; returns where to go on. */
  #takeLeaf(chunk: Uint8Array, at: number): number {
    const next = Math.min(chunk.length, at + this.#leafLeft);
    const piece = chunk.subarray(at, next);
    this.#leafLeft -= piece.length;
    const leaf = this.#leaf as EbmlElement;
    if (this.#leafKind === 'streamed') this.#handler.data?.(leaf, piece);
    else if (this.#leafKind === 'value') this.#value.add(piece);
    return this.#settle(chunk, next);
  }

  /** Ends every element that is complete at `at`; returns `at`. */
  #settle(chunk: Uint8Array, at: number): number {
    const leaf = this.#leaf;
    if (leaf !== undefined && this.#leafLeft === 0) {
      this.#leaf = undefined;
      if (this.#leafKind === 'value') this.#handler.value?.(leaf, this.#value.take());
      if (leaf.depth <= CUT_DEPTH) this.#deliverBytes(chunk, at);
      this.#handler.end?.(leaf);
    }
    while (this.#leaf === undefined && this.#masters.at(-1)?.end === this.#chunkOffset + at) {
      if (this.#masters.length - 1 <= CUT_DEPTH) this.#deliverBytes(chunk, at);
      this.#closeMaster();
    }
    return at;
  }

  /**
   * Ends masters of unknown size that cannot hold the element that comes next: such a master
   * reaches to the first element that is not a child of it (RFC 8794 section 6.2).
   */
  #closeUnknownBefore(id: number, chunk: Uint8Array, cut: number): void {
    const definition = ELEMENTS.get(id);
    if (definition === undefined || GLOBAL_ELEMENTS.has(id)) return;
    for (;;) {
      const open = this.#masters.at(-1);
      if (open === undefined || open.element.size !== undefined) return;
      if (definition.parent === open.element.id) return;
      if (this.#masters.length - 1 <= CUT_DEPTH) this.#deliverBytes(chunk, cut);
      this.#closeMaster();
    }
  }

  #closeMaster(): void {
    const closed = this.#masters.pop();
    if (closed !== undefined) this.#handler.end?.(closed.element);
  }

  #deliverBytes(chunk: Uint8Array, upTo: number): void {
    const from = this.#undelivered;
    if (upTo <= from) return;
    this.#undelivered = upTo;
    this.#handler.bytes?.(chunk.subarray(from, upTo));
  }
}
