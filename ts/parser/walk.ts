/** Synchronous reading of a master element whose whole content is in memory. */
import { elementName } from './elements.js';
import { MatroskaError } from './errors.js';
import { readHeader } from './header.js';

/** A child and its content, a view of the parent's bytes. */
export interface Child {
  /** What it is, see `ElementId`. */
  readonly id: number;
  /** Its content. */
  readonly data: Uint8Array;
}

/** Iterates over the children in `content`. Throws MatroskaError when they do not fill it exactly. */
export function* children(content: Uint8Array): Generator<Child, void, undefined> {
  let at = 0;
  while (at < content.length) {
    const header = readHeader(content, at);
    if (header === undefined) {
      throw new MatroskaError('TRUNCATED', 'An element header is cut off by its parent', at);
    }
    const start = at + header.length;
    if (header.size === undefined) {
      const name = elementName(header.id);
      throw new MatroskaError('UNKNOWN_SIZE_NOT_ALLOWED', `${name} leaves its size open`, at);
    }
    if (header.size > content.length - start) {
      const message = `${elementName(header.id)} claims ${header.size} bytes where its parent has ${content.length - start} left`;
      throw new MatroskaError('SIZE_EXCEEDS_PARENT', message, at);
    }
    at = start + header.size;
    yield { id: header.id, data: content.subarray(start, at) };
  }
}
