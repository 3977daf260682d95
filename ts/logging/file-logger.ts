import { hostname } from 'node:os';
import type { KinesisVideoError } from '../internal/errors.js';
import { number, oneOf, optional, resolveOptions, rule, string } from '../internal/options.js';
import { JsonLogger, LineWriter, MAX_LINE } from './json-logger.js';
import { levelOfEnvironment, LOG_THRESHOLDS, type LogThreshold } from './levels.js';
import { RotatingFile } from './rotating-file.js';

/** How to make a logger that writes to files. */
export interface FileLoggerOptions {
  /** The folder of the files. It is made when it is missing. */
  readonly directory: string;
  /** The lowest level that is written. Default: AWS_KVS_LOG_LEVEL (1 to 7), else `info`. */
  readonly level?: LogThreshold | undefined;
  /** Bytes of a file, 64 KiB to 1 GiB. Default 1 MiB. */
  readonly maxSize?: number | undefined;
  /** Files that are kept, 2 to 1000, the one that is written to included. Default 3. */
  readonly maxFiles?: number | undefined;
  /**
   * What the files are called: `NAME.log`, and `NAME.1.log`, `NAME.2.log`, … for older ones. Default
   * `kvs`. Processes that share a folder need different names.
   */
  readonly name?: string | undefined;
  /** Gets the first of each row of failures, in place of a warning of the process. */
  readonly onError?: ((error: KinesisVideoError) => void) | undefined;
}

/** What became of a log when it was closed. */
export interface FileLoggerResult {
  /** Entries that could not be written. */
  readonly lost: number;
  /** The latest reason for that. */
  readonly error?: KinesisVideoError;
}

const MIB = 1024 * 1024;
const MIN_SIZE = 4 * MAX_LINE;
const MAX_PATH = 4096;

const SHAPE = {
  directory: string(
    `a folder's path of 1 to ${MAX_PATH} bytes`,
    (path) => path !== '' && Buffer.byteLength(path) <= MAX_PATH && !path.includes('\0'),
  ),
  level: optional(oneOf(...LOG_THRESHOLDS)),
  maxSize: optional(number({ min: MIN_SIZE, max: 1024 * MIB, unit: 'bytes', whole: true }), MIB),
  maxFiles: optional(number({ min: 2, max: 1000, unit: 'files', whole: true }), 3),
  name: optional(
    string('a file name of letters, digits, dots, - and _', (text) => /^[\w.-]{1,100}$/.test(text)),
    'kvs',
  ),
  onError: optional(
    rule<(error: KinesisVideoError) => void>('a function', (value) => typeof value === 'function'),
  ),
};

/**
 * Makes a logger that writes lines as `createLogger` does, to files that take turns: never more than
 * `maxSize` × `maxFiles` bytes. Nothing waits for the disk. A disk that is full or a folder that cannot
 * be written to costs entries and nothing else; writing goes on when it is mended. What is still to be
 * written when the process ends is written by `await logger.close()`.
 *
 * @throws KinesisVideoError for an option that is unknown or out of range
 */
export function createFileLogger(options: FileLoggerOptions): FileLogger {
  const { level, ...given } = resolveOptions('createFileLogger', SHAPE, options);
  const file = new RotatingFile(given);
  return new FileLogger(file, level ?? levelOfEnvironment() ?? 'info');
}

/** Writes entries to files that take turns; `createFileLogger` makes it. */
export class FileLogger extends JsonLogger {
  readonly #file: RotatingFile;

  /** @internal */
  constructor(file: RotatingFile, level: LogThreshold) {
    super(new LineWriter(file), level, { pid: process.pid, hostname: hostname() });
    this.#file = file;
  }

  /** Writes what is left and closes the file. Entries that come later are lost. Idempotent. */
  async close(): Promise<FileLoggerResult> {
    await this.#file.close();
    const { lost, lastError } = this.#file;
    return Object.freeze({ lost, ...(lastError !== undefined && { error: lastError }) });
  }

  /** Closes the file, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
