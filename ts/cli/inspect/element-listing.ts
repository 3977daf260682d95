import {
  BlockHeaderScanner,
  decodeValue,
  ELEMENTS,
  ElementId,
  elementName,
  type EbmlElement,
  type ElementValue,
  type ElementVisitor,
  type MatroskaSink,
} from '../../parser/index.js';
import type { LineWriter } from './line-writer.js';

/** Bytes of a binary value that are shown. */
const SHOWN_BYTES = 16;
/** Characters of a text that are shown. */
const SHOWN_CHARACTERS = 120;

const BLOCKS: ReadonlySet<number> = new Set([ElementId.SimpleBlock, ElementId.Block]);

/** Lists the elements of an input as a tree, with their values. */
export class ElementListing implements ElementVisitor {
  readonly #lines: LineWriter;
  readonly #fragments: MatroskaSink;
  readonly #block = new BlockHeaderScanner();

  /** @param fragments - lists the fragments, each below its last element */
  constructor(lines: LineWriter, fragments: MatroskaSink) {
    this.#lines = lines;
    this.#fragments = fragments;
  }

  start(element: EbmlElement): void {
    const { id, depth } = element;
    if (BLOCKS.has(id)) this.#block.reset();
    else if (!hasValue(id)) this.#add(element, depth <= 1 ? placeOf(element) : '');
  }

  value(element: EbmlElement, data: Uint8Array): void {
    const value = decodeValue(element.id, data);
    this.#add(element, `: ${show(element.id, value)}`, {
      value: value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
    });
  }

  data(element: EbmlElement, piece: Uint8Array): void {
    if (!BLOCKS.has(element.id)) return;
    const header = this.#block.push(piece);
    if (header === undefined) return;
    const { trackNumber, relativeTime, keyFrame, discardable, laced, length } = header;
    const size = (element.size ?? 0) - length;
    const marks = [
      `track ${trackNumber}`,
      `time ${relativeTime >= 0 ? '+' : ''}${relativeTime}`,
      `${size} bytes`,
      ...(keyFrame && element.id === ElementId.SimpleBlock ? ['key frame'] : []),
      ...(discardable ? ['discardable'] : []),
      ...(laced ? ['laced'] : []),
    ];
    const details = { trackNumber, relativeTime, keyFrame, discardable, laced, dataSize: size };
    this.#add(element, `: ${marks.join(', ')}`, details);
  }

  bytes(piece: Uint8Array): void {
    this.#fragments.push(piece);
  }

  #add(element: EbmlElement, text: string, fields: object = {}): void {
    const { id, offset, headerSize, size, depth } = element;
    const name = elementName(id);
    const indent = depth === 0 ? '' : `|${' '.repeat(depth - 1)}`;
    const extent = { name, id: `0x${id.toString(16)}`, depth, offset, headerSize, size };
    this.#lines.add(`${indent}+ ${name}${text}`, 'element', { ...extent, ...fields });
  }
}

/** Whether the value of an element is listed in its line, so that it is listed once that is known. */
function hasValue(id: number): boolean {
  const type = ELEMENTS.get(id)?.type;
  const isPadding = id === ElementId.Void || id === ElementId.CRC32;
  const isStreamed = STREAMED.has(id);
  return type !== undefined && type !== 'master' && !isPadding && !isStreamed;
}

/** Larger than what is kept in memory, so that there is no value. */
const STREAMED: ReadonlySet<number> = new Set([
  ElementId.Attachments,
  ElementId.Chapters,
  ElementId.BlockAdditions,
]);

function placeOf({ offset, headerSize, size }: EbmlElement): string {
  const length = size === undefined ? 'of unknown size' : `of ${headerSize + size} bytes`;
  return ` ${length} at ${offset}`;
}

function show(id: number, value: ElementValue): string {
  if (value instanceof Uint8Array) return showBytes(value);
  if (typeof value === 'string') return JSON.stringify(value.slice(0, SHOWN_CHARACTERS));
  if (ELEMENTS.get(id)?.type !== 'date') return String(value);
  const date = new Date(Number(value));
  return Number.isNaN(date.getTime()) ? String(value) : date.toISOString();
}

function showBytes(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString('hex');
  const rest = bytes.length > SHOWN_BYTES ? '…' : '';
  return `${hex}${rest} (${bytes.length} bytes)`;
}
