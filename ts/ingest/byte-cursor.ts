import { isSeekable, type ByteSource } from './byte-source.js';

const DEFAULT_READ_BYTES = 1024 * 1024;

/** Reads a source from front to back in pieces of any size; in a file it can jump ahead. */
export class ByteCursor {
  readonly #source: ByteSource;
  readonly #readBytes: number;
  /** What has been read and not taken. */
  #pending: Buffer = Buffer.alloc(0);
  #position = 0;

  /** @param readBytes - how much of a file is read at once; a stream gives what it gives */
  constructor(source: ByteSource, readBytes = DEFAULT_READ_BYTES) {
    this.#source = source;
    this.#readBytes = readBytes;
  }

  /** Bytes before the cursor. */
  get position(): number {
    return this.#position;
  }

  /** Whether `length` bytes can be taken without reading. */
  holds(length: number): boolean {
    return this.#pending.length >= length;
  }

  /** Reads until `length` bytes can be taken. False when the source ends before. */
  async fill(length: number): Promise<boolean> {
    const pieces = [this.#pending];
    let size = this.#pending.length;
    while (size < length) {
      const piece = await this.#read(this.#position + size);
      if (piece === undefined) break;
      pieces.push(piece);
      size += piece.length;
    }
    if (pieces.length > 1) {
      const [first, second] = pieces as [Buffer, Buffer];
      const single = pieces.length === 2 && first.length === 0;
      this.#pending = single ? second : Buffer.concat(pieces, size);
    }
    return size >= length;
  }

  /** The next bytes, up to `length`, as far as they have been read; the cursor stays. */
  peek(length: number): Buffer {
    return this.#pending.subarray(0, length);
  }

  /** The next `length` bytes, which must have been read. */
  take(length: number): Buffer {
    const bytes = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    this.#position += length;
    return bytes;
  }

  /** Goes ahead to a position. False when the source ends before; the cursor is at its end then. */
  async skipTo(position: number): Promise<boolean> {
    if (isSeekable(this.#source) && position - this.#position > this.#pending.length) {
      this.#pending = Buffer.alloc(0);
      this.#position = Math.min(position, this.#source.size);
      return position <= this.#source.size;
    }
    while (this.#position < position) {
      if (this.#pending.length === 0 && !(await this.fill(1))) return false;
      this.take(Math.min(this.#pending.length, position - this.#position));
    }
    return true;
  }

  async #read(position: number): Promise<Buffer | undefined> {
    if (!isSeekable(this.#source)) return this.#source.read();
    const piece = await this.#source.readAt(position, this.#readBytes);
    return piece.length === 0 ? undefined : piece;
  }
}
