import { chunksOf, type ByteSource } from './byte-source.js';
import { EbmlReader, type EbmlElement, type EbmlReaderOptions } from './ebml-reader.js';
import { ELEMENTS, elementName } from './elements.js';
import type { MatroskaError } from './errors.js';
import { readDate, readFloat, readSigned, readString, readUnsignedBig } from './values.js';
import type { VisitOptions } from './visitor.js';

/**
 * The content of an element by its type: a number, or a bigint where it does not fit into one; a text;
 * the milliseconds of a date; or bytes.
 */
export type ElementValue = number | bigint | string | Uint8Array;

/** Something about an element. */
export type ElementEvent = {
  /** The element. */
  readonly element: EbmlElement;
  /** Its name, or its id in hexadecimal digits. */
  readonly name: string;
} & (
  | { readonly type: 'start' | 'end' }
  | { readonly type: 'value'; readonly value: ElementValue }
  | { readonly type: 'data'; readonly data: Uint8Array }
);

/** How elements are read. */
export interface ReadElementsOptions extends EbmlReaderOptions, VisitOptions {}

/**
 * Reads the elements of a source: each begins, has a value or pieces of data unless it is a master, and
 * ends. Rejects with a MatroskaError behind the last event that was sound.
 */
export async function* readElements(
  source: ByteSource,
  options: ReadElementsOptions = {},
): AsyncGenerator<ElementEvent, void, undefined> {
  const events: ElementEvent[] = [];
  const add = (type: 'start' | 'end', element: EbmlElement): void => {
    events.push({ type, element, name: elementName(element.id) });
  };
  const reader = new EbmlReader(
    {
      start: (element) => {
        add('start', element);
      },
      value: (element, data) => {
        const value = decodeValue(element.id, data);
        events.push({ type: 'value', element, name: elementName(element.id), value });
      },
      data: (element, data) => {
        events.push({ type: 'data', element, name: elementName(element.id), data });
      },
      end: (element) => {
        add('end', element);
      },
    },
    options,
  );
  for await (const chunk of chunksOf(source, options.signal)) {
    const failure = attempt(() => {
      reader.push(chunk);
    });
    yield* events.splice(0);
    if (failure !== undefined) throw failure.error;
  }
  const failure = attempt(() => {
    reader.end();
  });
  yield* events.splice(0);
  if (failure !== undefined) throw failure.error;
}

/** Reads the content of an element as its type says. Throws MatroskaError when it does not fit. */
export function decodeValue(id: number, data: Uint8Array): ElementValue {
  switch (ELEMENTS.get(id)?.type) {
    case 'unsigned': {
      const value = readUnsignedBig(data);
      return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
    }
    case 'signed':
      return readSigned(data);
    case 'float':
      return readFloat(data);
    case 'string':
    case 'utf-8':
      return readString(data);
    case 'date':
      return readDate(data);
    default:
      // The reader uses the memory again.
      return new Uint8Array(data);
  }
}

function attempt(work: () => void): { readonly error: MatroskaError } | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return { error: error as MatroskaError };
  }
}
