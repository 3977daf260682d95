import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';

/** A stream for an open file, which is left open; the process's own for its standard streams. */
export function openDescriptor(fd: number): Writable {
  if (fd === 1) return process.stdout;
  if (fd === 2) return process.stderr;
  return createWriteStream('', { fd, autoClose: false });
}
