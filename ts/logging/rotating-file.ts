import { join } from 'node:path';
import { finished, Writable } from 'node:stream';
import { KinesisVideoError } from '../internal/errors.js';
import { warnProcess } from '../internal/process-warning.js';
import { MAX_LINE } from './json-logger.js';

/** Milliseconds after a failure until the file is tried again. */
const PAUSE = 5000;

/** Where and how much to write. */
export interface RotatingFileOptions {
  readonly directory: string;
  readonly name: string;
  readonly maxSize: number;
  readonly maxFiles: number;
  readonly onError?: ((error: KinesisVideoError) => void) | undefined;
}

/**
 * Lines to files that take turns. It never fails itself: what cannot be written is counted, and after
 * a pause the file is opened anew.
 */
export class RotatingFile extends Writable {
  readonly #options: RotatingFileOptions;
  #file: Promise<Writable> | undefined;
  #lost = 0;
  #lastError: KinesisVideoError | undefined;
  #isFailing = false;
  #retryAt = 0;

  constructor(options: RotatingFileOptions) {
    super({ decodeStrings: true });
    this.#options = options;
  }

  /** Lines that could not be written. */
  get lost(): number {
    return this.#lost;
  }

  /** Why that was so, the last time. */
  get lastError(): KinesisVideoError | undefined {
    return this.#lastError;
  }

  /** Writes what is left and closes the file. Idempotent. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      finished(this, () => {
        resolve();
      });
      this.end();
    });
  }

  override _write(line: Buffer, _encoding: BufferEncoding, done: () => void): void {
    void this.#writeAll([line]).then(done);
  }

  override _writev(lines: { chunk: Buffer }[], done: () => void): void {
    void this.#writeAll(lines.map(({ chunk }) => chunk)).then(done);
  }

  override _final(done: () => void): void {
    void this.#closeFile().then(done);
  }

  async #writeAll(lines: readonly Buffer[]): Promise<void> {
    if (performance.now() < this.#retryAt) {
      this.#lost += lines.length;
      return;
    }
    try {
      const file = await (this.#file ??= this.#open());
      // One by one, so that the file is changed between two lines.
      const ends = await Promise.allSettled(lines.map((line) => writeTo(file, line)));
      const failures = ends.filter((end) => end.status === 'rejected');
      this.#lost += failures.length;
      if (failures[0] === undefined) this.#isFailing = false;
      else this.#fail(failures[0].reason);
    } catch (error) {
      this.#lost += lines.length;
      this.#fail(error);
    }
  }

  async #open(): Promise<Writable> {
    const { directory, name, maxSize, maxFiles } = this.#options;
    // Loaded on first use, since few programs log to files.
    const { createStream } = await import('rotating-file-stream');
    const file = createStream(
      // The file that is written to has no index.
      (index: unknown) => (typeof index === 'number' ? `${name}.${index}.log` : `${name}.log`),
      // A file is changed when it has reached its size, with the line that goes beyond.
      { path: join(directory), rotate: maxFiles - 1, size: `${maxSize - MAX_LINE}B` },
    );
    // Errors are those of the write at hand.
    file.on('error', () => undefined);
    return file;
  }

  async #closeFile(): Promise<void> {
    const file = await this.#file?.catch(() => undefined);
    if (file === undefined || file.destroyed) return;
    await new Promise<void>((resolve) => {
      finished(file, (error) => {
        if (error) this.#fail(error);
        resolve();
      });
      file.end();
    });
  }

  #fail(cause: unknown): void {
    this.#file?.then(
      (file) => file.destroy(),
      () => undefined,
    );
    this.#file = undefined;
    this.#retryAt = performance.now() + PAUSE;
    const error = fileError(this.#options, cause);
    this.#lastError = error;
    if (this.#isFailing) return;
    this.#isFailing = true;
    try {
      if (this.#options.onError === undefined) warnProcess(error.message, error.code);
      else this.#options.onError(error);
    } catch {
      // Whoever is told must not disturb the log either.
    }
  }
}

function writeTo(file: Writable, line: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    file.write(line, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

function fileError({ directory, name }: RotatingFileOptions, cause: unknown): KinesisVideoError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const path = join(directory, `${name}.log`);
  const advice = 'make room, or let `directory` name a folder that can be written to';
  return new KinesisVideoError(
    'STATUS_WRITE_TO_FILE_FAILED',
    `The log ${path} cannot be written (${reason}), and entries are lost until it can: ${advice}.`,
    { values: { path }, advice, retryable: true, cause },
  );
}
