import type { Readable } from 'node:stream';
import { KinesisVideoError } from '../internal/errors.js';
import type { ByteSource } from './byte-source.js';
import { invalidArgument } from './errors.js';

/** A stream, read once from the beginning to the end, no faster than its bytes are taken. */
export class StreamSource implements ByteSource {
  readonly name: string;
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<unknown>;
  #peeked: Buffer[] = [];
  #position = 0;

  /**
   * @param stream - gives Buffers; destroyed by `close`
   * @param name - what to call it in a sentence
   */
  constructor(stream: Readable, name = 'the input stream') {
    this.name = name;
    this.#stream = stream;
    this.#chunks = stream.iterator({ destroyOnReturn: true });
  }

  async peek(length: number): Promise<Buffer> {
    let size = this.#peeked.reduce((total, chunk) => total + chunk.length, 0);
    while (size < length) {
      const chunk = await this.#next();
      if (chunk === undefined) break;
      this.#peeked.push(chunk);
      size += chunk.length;
    }
    const [first = Buffer.alloc(0)] = this.#peeked;
    return this.#peeked.length > 1 ? Buffer.concat(this.#peeked) : first;
  }

  async read(): Promise<Buffer | undefined> {
    return this.#peeked.shift() ?? (await this.#next());
  }

  close(): Promise<void> {
    // An error in an input that nobody reads any more is of no interest.
    this.#stream.on('error', () => undefined);
    this.#stream.destroy();
    return Promise.resolve();
  }

  async #next(): Promise<Buffer | undefined> {
    for (;;) {
      const step = await this.#step();
      if (step.done === true) return undefined;
      const chunk = step.value;
      if (!(chunk instanceof Uint8Array)) {
        throw invalidArgument(
          `Chunks of ${this.name} are of type ${typeof chunk} instead of bytes; ` +
            'give a stream without an encoding and without object mode.',
          { type: typeof chunk },
        );
      }
      this.#position += chunk.length;
      if (chunk.length > 0) {
        return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      }
    }
  }

  async #step(): Promise<IteratorResult<unknown>> {
    try {
      return await this.#chunks.next();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new KinesisVideoError(
        'STATUS_READ_FILE_FAILED',
        `Reading ${this.name} failed after ${this.#position} bytes (${reason}); ` +
          'check the program that writes it.',
        { values: { position: this.#position }, cause: error },
      );
    }
  }
}
