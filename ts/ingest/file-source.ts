import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { KinesisVideoError } from '../internal/errors.js';
import type { ByteSource, SeekableSource } from './byte-source.js';
import { invalidArgument, truncated } from './errors.js';
import { StreamSource } from './stream-source.js';

/** Large enough that the number of reads does not matter, small enough to hold a few. */
const CHUNK_BYTES = 1024 * 1024;

const OPEN_ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; check the path',
  ENOTDIR: 'a part of the path is not a folder; check the path',
  EISDIR: 'it is a folder; give the path of a file in it',
  EACCES: 'this user may not read it; change its permissions',
  EPERM: 'this user may not read it; change its permissions',
  EMFILE: 'this process has too many files open; close some or raise the limit',
  ELOOP: 'its symbolic links lead in a circle; check the path',
};

function openFailed(path: string, error: NodeJS.ErrnoException): KinesisVideoError {
  const why = OPEN_ADVICE[error.code ?? ''] ?? `the system says "${error.message}"`;
  return new KinesisVideoError('STATUS_OPEN_FILE_FAILED', `Cannot open '${path}': ${why}.`, {
    values: { path, reason: error.code },
    cause: error,
  });
}

function readFailed(path: string, position: number, error: NodeJS.ErrnoException) {
  return new KinesisVideoError(
    'STATUS_READ_FILE_FAILED',
    `Reading '${path}' failed at byte ${position} (${error.message}); check the disk it is on.`,
    { values: { path, position, reason: error.code }, cause: error },
  );
}

/**
 * Opens the file at `path`. A named pipe or a device such as /dev/stdin becomes a stream source.
 * Throws KinesisVideoError: STATUS_OPEN_FILE_FAILED when it cannot be opened or is a folder,
 * STATUS_UNEXPECTED_EOF when it is empty.
 */
export async function openFile(path: string): Promise<ByteSource> {
  if (path === '') throw invalidArgument('The path of the media file is empty.', { path });
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const stats = await handle.stat();
    if (stats.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    if (!stats.isFile()) {
      return new StreamSource(createReadStream('', { fd: handle }), `'${path}'`);
    }
    if (stats.size > 0) return new FileSource(path, handle, stats.size);
  } catch (error) {
    await handle?.close();
    throw openFailed(path, error as NodeJS.ErrnoException);
  }
  await handle.close();
  throw truncated(`'${path}' is empty; check that what wrote it has finished.`, { path, size: 0 });
}

/** A regular file. */
class FileSource implements SeekableSource {
  readonly name: string;
  readonly size: number;
  readonly #path: string;
  readonly #handle: FileHandle;
  #position = 0;
  #closed: Promise<void> | undefined;

  constructor(path: string, handle: FileHandle, size: number) {
    this.name = `'${path}'`;
    this.size = size;
    this.#path = path;
    this.#handle = handle;
  }

  peek(length: number): Promise<Buffer> {
    return this.readAt(0, length);
  }

  async read(): Promise<Buffer | undefined> {
    const chunk = await this.readAt(this.#position, CHUNK_BYTES);
    this.#position += chunk.length;
    return chunk.length === 0 ? undefined : chunk;
  }

  async readAt(position: number, length: number): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, this.size - position));
    // Not from the pool: a packet that is kept must not keep foreign data alive.
    const buffer = Buffer.allocUnsafeSlow(wanted);
    let filled = 0;
    while (filled < wanted) {
      const at = position + filled;
      const { bytesRead } = await this.#handle
        .read(buffer, filled, wanted - filled, at)
        .catch((error: unknown) => {
          throw readFailed(this.#path, at, error as NodeJS.ErrnoException);
        });
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  close(): Promise<void> {
    this.#closed ??= this.#handle.close();
    return this.#closed;
  }
}
