import { chunksOf, type ByteSource } from './byte-source.js';
import { EbmlReader, type EbmlHandler, type EbmlReaderOptions } from './ebml-reader.js';

/** Takes Matroska piece by piece: a reader, a parser of fragments, a merger, or several of them. */
export interface MatroskaSink {
  /** Takes the next bytes, cut anywhere, which must not be written to later. Throws MatroskaError. */
  push(chunk: Uint8Array): void;
  /** Marks the end of the input. Throws TRUNCATED when it comes too early. */
  end(): void;
}

/** Looks at the elements of an input, in the way that it asks for. */
export interface ElementVisitor extends EbmlHandler {
  /** How its reader treats elements. */
  readonly readerOptions?: EbmlReaderOptions;
}

/**
 * Passes an input on to several visitors and sinks, among them other composites. Each visitor has a
 * reader of its own, so that what one asks for does not change what another sees.
 */
export class CompositeVisitor implements MatroskaSink {
  readonly #sinks: readonly MatroskaSink[];

  /** Makes one of visitors and sinks, which are called in this order for each chunk. */
  constructor(...members: readonly (ElementVisitor | MatroskaSink)[]) {
    this.#sinks = members.map((member) =>
      'push' in member ? member : new EbmlReader(member, member.readerOptions),
    );
  }

  /** Takes the next bytes, see `MatroskaSink`. */
  push(chunk: Uint8Array): void {
    for (const sink of this.#sinks) sink.push(chunk);
  }

  /** Marks the end of the input, see `MatroskaSink`. */
  end(): void {
    for (const sink of this.#sinks) sink.end();
  }
}

/** What `visit` accepts besides the source and the visitor. */
export interface VisitOptions {
  /** Ends the reading, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Reads a source to its end and shows it to a visitor. Rejects with a MatroskaError for input that is
 * damaged, with what the visitor or the source throws, or with the signal's reason.
 */
export async function visit(
  source: ByteSource,
  visitor: ElementVisitor | MatroskaSink,
  options: VisitOptions = {},
): Promise<void> {
  const sink = new CompositeVisitor(visitor);
  for await (const chunk of chunksOf(source, options.signal)) sink.push(chunk);
  sink.end();
}
