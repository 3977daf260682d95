/** Room for the length of a chunk, in hexadecimal, and the end of its line. */
const HEAD = 8 + 2;
const CR = 0x0d;
const LF = 0x0a;

/**
 * Memory for a part of a request's body, which HTTP/1.1 wants between a length and an empty line (RFC
 * 9112, 7.1). There is room for them, so that all of it is written as one piece: TLS copies what comes
 * in several.
 */
export class MediaChunk {
  /** Where the media go. */
  readonly body: Uint8Array;
  readonly #memory: Buffer;

  /** @param size - bytes of media, 1 to 2^32 - 1 */
  constructor(size: number) {
    // Not of the pool, since the memory is written to while the system still reads from it.
    this.#memory = Buffer.allocUnsafeSlow(HEAD + size + 2);
    this.body = this.#memory.subarray(HEAD, HEAD + size);
  }

  /** The first `length` bytes of the body as they go over the wire; at least one. */
  framed(length: number): Uint8Array {
    const memory = this.#memory;
    const head = length.toString(16);
    const start = HEAD - 2 - head.length;
    memory.write(head, start, 'latin1');
    memory[HEAD - 2] = CR;
    memory[HEAD - 1] = LF;
    memory[HEAD + length] = CR;
    memory[HEAD + length + 1] = LF;
    return memory.subarray(start, HEAD + length + 2);
  }
}
