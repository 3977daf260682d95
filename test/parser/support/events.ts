import { EbmlReader, elementName, type EbmlReaderOptions } from '../../../ts/parser/index.js';

/** What a reader has said about an input. */
export interface Reading {
  /** `start Cluster 52 9`, `value Timestamp 00ff`, `data SimpleBlock …`, `end Cluster`. */
  readonly events: string[];
  /** Everything that came through `bytes`. */
  readonly bytes: Buffer;
  /** How much had come through `bytes` when an element of depth 0 or 1 began. */
  readonly cuts: { name: string; offset: number; delivered: number }[];
}

/** Feeds `pieces` to a reader and ends it; pieces of streamed content are joined. */
export function read(pieces: readonly Uint8Array[], options: EbmlReaderOptions = {}): Reading {
  const events: string[] = [];
  const bytes: Buffer[] = [];
  const cuts: Reading['cuts'] = [];
  let delivered = 0;
  let content = '';
  const reader = new EbmlReader(
    {
      start: ({ id, offset, size, depth }) => {
        events.push(`start ${elementName(id)} ${offset} ${size ?? 'unknown'}`);
        if (depth <= 1) cuts.push({ name: elementName(id), offset, delivered });
        content = '';
      },
      value: ({ id }, data) => events.push(`value ${elementName(id)} ${hex(data)}`),
      data: (_element, piece) => {
        content += hex(piece);
      },
      end: ({ id }) => {
        if (content !== '') events.push(`data ${elementName(id)} ${content}`);
        content = '';
        events.push(`end ${elementName(id)}`);
      },
      bytes: (piece) => {
        bytes.push(Buffer.from(piece));
        delivered += piece.length;
      },
    },
    options,
  );
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return { events, bytes: Buffer.concat(bytes), cuts };
}

/** Cuts `input` after every `length` bytes. */
export function pieces(input: Uint8Array, length: number): Uint8Array[] {
  const count = Math.ceil(input.length / length);
  return Array.from({ length: count }, (_, i) => input.subarray(i * length, (i + 1) * length));
}

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString('hex');
}
