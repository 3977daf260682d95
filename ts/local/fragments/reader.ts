import { open, type FileHandle } from 'node:fs/promises';
import type { LiveFragment } from './live-fragment.js';

/** Bytes that one read asks for at most. */
const READ_SIZE = 256 * 1024;

/** Reads one fragment, whether it is complete or still arriving. */
export class FragmentReader {
  readonly #path: string;
  readonly #live: LiveFragment | undefined;
  #file: FileHandle | undefined;

  constructor(path: string, live?: LiveFragment) {
    this.#path = path;
    this.#live = live;
  }

  /**
   * Reads from `from` on, at least one byte and none beyond `to`, which must have been written.
   * Rejects with the error of the file system: ENOENT for a fragment that has been removed.
   */
  async read(from: number, to: number): Promise<Uint8Array> {
    const end = Math.min(to, from + READ_SIZE);
    const held = this.#live?.peek(from, end);
    if (held !== undefined) return held;
    this.#file ??= await open(this.#path);
    const buffer = Buffer.allocUnsafe(end - from);
    const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, from);
    if (bytesRead === 0) throw new Error(`The file of a fragment ends at ${from} of ${to} bytes`);
    return buffer.subarray(0, bytesRead);
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}
