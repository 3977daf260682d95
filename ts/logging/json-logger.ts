import { hostname } from 'node:os';
import { Writable } from 'node:stream';
import { optional, oneOf, resolveOptions, rule, string } from '../internal/options.js';
import { warnProcess } from '../internal/process-warning.js';
import { redact, redactValues } from '../internal/redact.js';
import { LEVEL_NUMBERS, levelOfEnvironment, LOG_THRESHOLDS, type LogThreshold } from './levels.js';
import type { LogDetails, Logger, LogLevel } from './logger.js';
import { openDescriptor } from './descriptor.js';

/** How to make a logger. Everything can be left out. */
export interface LoggerOptions {
  /** The lowest level that is written. Default: AWS_KVS_LOG_LEVEL (1 to 7), else `info`. */
  readonly level?: LogThreshold | undefined;
  /** Where the lines go: a stream, or the number of an open file. Default 2, the standard error. */
  readonly destination?: Writable | number | undefined;
  /** Stands in each line as `name`. */
  readonly name?: string | undefined;
}

const SHAPE = {
  level: optional(oneOf(...LOG_THRESHOLDS)),
  destination: optional(
    rule<Writable | number>(
      'a Writable or the number of an open file',
      (value) => value instanceof Writable || (Number.isInteger(value) && Number(value) >= 0),
    ),
    2,
  ),
  name: optional(string('a name of 1 to 256 characters', (text) => /^[^]{1,256}$/.test(text))),
};

/** Bytes that may wait for a slow destination; entries beyond are dropped, and counted in a line. */
const MAX_WAITING = 1024 * 1024;
/** Bytes of a line; one that is longer keeps its beginning. */
export const MAX_LINE = 16 * 1024;
const MAX_CUT_MESSAGE = 1024;

/**
 * Makes a logger that writes a line of JSON for each entry, in the format of `pino`, so that tools for
 * that read it: `{"level":30,"time":…,"pid":…,"hostname":…,"streamName":"door","msg":"…"}`. Secrets are
 * masked. It never throws, and a destination that fails or is slow disturbs nothing.
 *
 * @example
 * ```ts
 * const client = new KinesisVideoClient({ logger: createLogger({ level: 'debug' }) });
 * ```
 *
 * @throws KinesisVideoError for an option that is unknown or out of range
 */
export function createLogger(options?: LoggerOptions): JsonLogger {
  const { level, destination, name } = resolveOptions('createLogger', SHAPE, options);
  const stream = typeof destination === 'number' ? openDescriptor(destination) : destination;
  const bindings = { pid: process.pid, hostname: hostname(), ...(name !== undefined && { name }) };
  return new JsonLogger(new LineWriter(stream), level ?? levelOfEnvironment() ?? 'info', bindings);
}

/** Writes entries as lines of JSON; `createLogger` makes it. */
export class JsonLogger implements Required<Logger> {
  /** The lowest level that is written. It can be changed at any time. */
  level: LogThreshold;
  readonly #lines: LineWriter;
  readonly #bindings: LogDetails;

  /** @internal */
  constructor(lines: LineWriter, level: LogThreshold, bindings: LogDetails) {
    this.#lines = lines;
    this.level = level;
    this.#bindings = bindings;
  }

  /** Whether entries of this level are written. */
  isLevelEnabled(level: LogLevel): boolean {
    return LEVEL_NUMBERS[level] >= LEVEL_NUMBERS[this.level];
  }

  /** A logger of its own level, whose lines hold `bindings` too. */
  child(bindings: LogDetails): JsonLogger {
    return new JsonLogger(this.#lines, this.level, { ...this.#bindings, ...bindings });
  }

  /** Writes what the producer does in detail. */
  trace(details: LogDetails, message: string): void {
    this.#write('trace', details, message);
  }

  /** Writes what helps to find a mistake. */
  debug(details: LogDetails, message: string): void {
    this.#write('debug', details, message);
  }

  /** Writes what went on. */
  info(details: LogDetails, message: string): void {
    this.#write('info', details, message);
  }

  /** Writes what has failed and may pass. */
  warn(details: LogDetails, message: string): void {
    this.#write('warn', details, message);
  }

  /** Writes what has failed. */
  error(details: LogDetails, message: string): void {
    this.#write('error', details, message);
  }

  /** Writes what the program does not survive. */
  fatal(details: LogDetails, message: string): void {
    this.#write('fatal', details, message);
  }

  #write(level: LogLevel, details: LogDetails, message: string): void {
    if (!this.isLevelEnabled(level)) return;
    const fixed = { level: LEVEL_NUMBERS[level], time: Date.now() };
    const rest = redactValues({ ...this.#bindings, ...details });
    // What an entry is about must not replace when and how urgent it is.
    this.#lines.write({ ...fixed, ...rest, ...fixed }, redact(message));
  }
}

/** Writes lines to a stream that may be slow, and may fail. */
export class LineWriter {
  readonly #stream: Writable;
  #lost = 0;

  constructor(stream: Writable) {
    this.#stream = stream;
    // Without a listener an error of the stream would end the process.
    stream.on('error', (error: Error) => {
      tellOnce(stream, error);
    });
  }

  /** Writes a line, or drops it when the stream is behind or over. */
  write(entry: { readonly level: number; readonly time: number }, message: string): void {
    const stream = this.#stream;
    if (!stream.writable || stream.writableLength > MAX_WAITING) {
      this.#lost += 1;
      return;
    }
    if (this.#lost > 0) {
      const { time } = entry;
      const msg = `${this.#lost} entries are missing: the log's destination was too slow`;
      this.#lost = 0;
      stream.write(`${JSON.stringify({ level: LEVEL_NUMBERS.warn, time, msg })}\n`);
    }
    stream.write(toLine(entry, message));
  }
}

function toLine(entry: { readonly level: number; readonly time: number }, msg: string): string {
  const line = `${JSON.stringify({ ...entry, msg })}\n`;
  if (line.length <= MAX_LINE / 4 || Buffer.byteLength(line) <= MAX_LINE) return line;
  const { level, time } = entry;
  const cut = msg.slice(0, MAX_CUT_MESSAGE);
  return `${JSON.stringify({ level, time, truncated: true, msg: cut })}\n`;
}

const told = new WeakSet<Writable>();

function tellOnce(stream: Writable, error: Error): void {
  if (told.has(stream)) return;
  told.add(stream);
  warnProcess(
    `The log cannot be written, and nothing else is disturbed: ${redact(error.message)}; ` +
      'give another destination. This is told once.',
    'STATUS_WRITE_TO_FILE_FAILED',
  );
}
