import { open, type FileHandle } from 'node:fs/promises';
import { KinesisVideoError } from '../../internal/errors.js';

/** Where the media go. */
export interface Output {
  /** Resolves once there is room for more. Rejects when the destination takes no more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Cuts off what was written beyond `length` bytes; false where that is not possible. */
  truncate(length: number): Promise<boolean>;
  close(): Promise<void>;
}

/** The reader of the standard output has gone, which is its right. */
export class ReaderGoneError extends Error {
  override readonly name = 'ReaderGoneError';
}

/** Opens the destination: a path, or `-` for the standard output. */
export function openOutput(path: string): Output {
  return path === '-' ? new StandardOutput() : new FileOutput(path);
}

/** A file, made or emptied when the first bytes come. */
class FileOutput implements Output {
  readonly #path: string;
  #handle: FileHandle | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      this.#handle ??= await open(this.#path, 'w');
      for (let at = 0; at < bytes.length;) {
        at += (await this.#handle.write(bytes, at)).bytesWritten;
      }
    } catch (error) {
      throw cannotWrite(this.#path, error as NodeJS.ErrnoException);
    }
  }

  async truncate(length: number): Promise<boolean> {
    if (this.#handle === undefined) return true;
    // What a pipe or a device has taken is out of reach.
    if (!(await this.#handle.stat()).isFile()) return false;
    await this.#handle.truncate(length);
    return true;
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}

class StandardOutput implements Output {
  async write(bytes: Uint8Array): Promise<void> {
    const { stdout } = process;
    if (!stdout.writable) throw new ReaderGoneError();
    await new Promise<void>((resolve, reject) => {
      stdout.write(bytes, (error) => {
        if (!error) resolve();
        else if (isGone(error)) reject(new ReaderGoneError());
        else reject(cannotWrite('-', error));
      });
    });
  }

  // What is in a pipe is out of reach.
  async truncate(): Promise<boolean> {
    return false;
  }

  async close(): Promise<void> {}
}

function isGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
}

function cannotWrite(path: string, error: NodeJS.ErrnoException): KinesisVideoError {
  const advice = 'check the folder, its permissions and the space on its disk';
  return new KinesisVideoError(
    'STATUS_WRITE_TO_FILE_FAILED',
    `'${path}' cannot be written (${error.message}): ${advice}.`,
    { values: { path, reason: error.code }, advice, cause: error },
  );
}
