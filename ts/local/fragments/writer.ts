import { open, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Bytes that are gathered before the disk is bothered, and before a file is opened at all. */
const LOW_WATER = 64 * 1024;
/** Bytes that may wait for the disk before the sender is held back. */
const HIGH_WATER = 1024 * 1024;

/**
 * Writes one fragment to `path` in the background. Bytes are queued by reference and must not
 * change until they are written. A file that is not complete is told by the index, which does not
 * have it yet; another name meanwhile would cost one more change of the folder.
 */
export class FragmentWriter {
  readonly #path: string;
  #queue: Uint8Array[] = [];
  /** What has been taken from the queue and is not in the file yet. */
  #batch: readonly Uint8Array[] = [];
  #queued = 0;
  #written = 0;
  #handle: FileHandle | undefined;
  #failure: Error | undefined;
  #pump: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Bytes given to `write` so far. */
  get size(): number {
    return this.#written;
  }

  /** Queues `bytes` for the file. Never throws: a failure comes out of `commit`. */
  write(bytes: Uint8Array): void {
    this.#written += bytes.length;
    if (this.#failure !== undefined) return;
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (this.#queued >= LOW_WATER) this.#pump ??= this.#drain();
  }

  /** The bytes from `from` to `to`, or the first of them; undefined when `from` lies in the file. */
  peek(from: number, to: number): Uint8Array | undefined {
    let at = this.#written - this.#queued;
    if (from < at) return undefined;
    const pieces: Uint8Array[] = [];
    for (const piece of [...this.#batch, ...this.#queue]) {
      const [start, end] = [Math.max(from - at, 0), Math.min(to - at, piece.length)];
      if (start < end) pieces.push(piece.subarray(start, end));
      at += piece.length;
      if (at >= to) break;
    }
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
  }

  /** Undefined while there is room in the queue, else a promise that is fulfilled when it is empty. */
  pressure(): Promise<void> | undefined {
    return this.#queued > HIGH_WATER ? this.#pump : undefined;
  }

  /**
   * Completes the file. With `durable` it will be there after a loss of power, too. Rejects with the
   * error of the file system when anything could not be written.
   */
  async commit(durable: boolean): Promise<void> {
    await this.#pump;
    await this.#drain();
    if (durable) {
      await this.#attempt(async (handle) => {
        // Together, since both most often wait for the same write of the file system's journal.
        await Promise.all([handle.datasync(), syncDirectory(dirname(this.#path))]);
      });
    }
    await this.#attempt((handle) => handle.close());
    if (this.#failure === undefined) return;
    await this.discard();
    throw this.#failure;
  }

  /** Removes what has been written. What cannot be removed is rubbish for the next start. */
  async discard(): Promise<void> {
    this.#queue = [];
    await this.#pump;
    await this.#handle?.close().catch(() => undefined);
    await rm(this.#path, { force: true }).catch(() => undefined);
  }

  /** Empties the queue into the file; keeps the first failure for `commit`. */
  async #drain(): Promise<void> {
    while (this.#queue.length > 0 && this.#failure === undefined) {
      const batch = this.#queue;
      const size = this.#queued;
      this.#batch = batch;
      this.#queue = [];
      await this.#attempt(async (handle) => {
        const { bytesWritten } = await handle.writev(batch);
        if (bytesWritten !== size)
          throw new Error(`The disk took ${bytesWritten} of ${size} bytes`);
      });
      this.#batch = [];
      this.#queued -= size;
    }
    this.#pump = undefined;
  }

  async #attempt(work: (handle: FileHandle) => Promise<void>): Promise<void> {
    if (this.#failure !== undefined) return;
    try {
      this.#handle ??= await open(this.#path, 'w');
      await work(this.#handle);
    } catch (error) {
      this.#failure = error as Error;
    }
  }
}

/** Makes new names in `path` survive a loss of power. Windows does it by itself and refuses to. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
