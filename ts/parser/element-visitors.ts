/** Visitors that count, measure and copy elements. */
import type { EbmlElement } from './ebml-reader.js';
import { elementName } from './elements.js';
import type { ElementVisitor } from './visitor.js';

/** Counts elements by their names. */
export class CountVisitor implements ElementVisitor {
  /** How often each element has come, by its name. */
  readonly counts = new Map<string, number>();
  readonly #only: ReadonlySet<number> | undefined;

  /** @param only - the ids to count; default is all */
  constructor(only?: readonly number[]) {
    this.#only = only && new Set(only);
  }

  /** How often the element of an id has come. */
  of(id: number): number {
    return this.counts.get(elementName(id)) ?? 0;
  }

  /** Counts an element. */
  start({ id }: EbmlElement): void {
    if (this.#only?.has(id) === false) return;
    const name = elementName(id);
    const count = this.counts.get(name);
    // The ids of a hostile input are without number.
    if (count === undefined && this.counts.size >= MAX_NAMES) return;
    this.counts.set(name, (count ?? 0) + 1);
  }
}

const MAX_NAMES = 10_000;

/** Where an element stands and how large it is. */
export interface ElementExtent extends EbmlElement {
  /** Its name, or its id in hexadecimal digits. */
  readonly name: string;
  /** Bytes of header and content; undefined when the size was left open and its end has not come. */
  readonly totalSize: number | undefined;
}

/** Tells the place and the size of each element, in the order in which they begin. */
export class SizeAndOffsetVisitor implements ElementVisitor {
  readonly #tell: (extent: ElementExtent) => void;

  /** @param tell - is called with each element when its header has been read */
  constructor(tell: (extent: ElementExtent) => void) {
    this.#tell = tell;
  }

  /** Tells an element. */
  start(element: EbmlElement): void {
    const { id, size, headerSize } = element;
    const totalSize = size === undefined ? undefined : headerSize + size;
    this.#tell({ ...element, name: elementName(id), totalSize });
  }
}

/** Copies the input, as long as it is Matroska. */
export class CopyVisitor implements ElementVisitor {
  readonly #write: (piece: Uint8Array) => void;

  /** @param write - gets the bytes of the input, once and in order */
  constructor(write: (piece: Uint8Array) => void) {
    this.#write = write;
  }

  /** Copies the next bytes. */
  bytes(piece: Uint8Array): void {
    this.#write(piece);
  }
}
