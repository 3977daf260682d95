import { Writable } from 'node:stream';
import {
  createFileLogger,
  createLogger,
  levelOfEnvironment,
  LOG_LEVELS,
  LOG_THRESHOLDS,
  type LogDetails,
  type Logger,
  type LogThreshold,
} from '../logging/index.js';
import { choice, text, value } from './options.js';
import type { Terminal } from './terminal.js';

/** The options that say what is logged, and where. */
export const LOG_OPTIONS = {
  logLevel: value(
    'LEVEL',
    'log what goes on as JSON to the standard error: trace, debug, info, …',
    choice(...LOG_THRESHOLDS),
  ),
  logDir: value('DIR', 'log to files in DIR too, of at most 3 MB together', text),
};

/** What those options are read into. */
export interface LogOptions {
  readonly logLevel: LogThreshold | undefined;
  readonly logDir: string | undefined;
}

/** The log of a command. */
export interface CommandLog {
  readonly logger: Logger;
  /** Writes what is left. */
  close(): Promise<void>;
}

/**
 * Opens the log that the options ask for, or else the environment: AWS_KVS_LOG_LEVEL is the level, and
 * AWS_ENABLE_FILE_LOGGING has it written to files in the current folder.
 *
 * @throws KinesisVideoError for a level of the environment that does not exist
 */
export function openLog({ logLevel, logDir }: LogOptions, terminal: Terminal): CommandLog {
  const level = logLevel ?? levelOfEnvironment();
  const directory = logDir ?? (process.env['AWS_ENABLE_FILE_LOGGING'] ? '.' : undefined);
  const files = directory === undefined ? undefined : createFileLogger({ directory, level });
  // Files in place of the terminal, unless both are asked for.
  const lines =
    level === undefined || (files !== undefined && logLevel === undefined)
      ? undefined
      : createLogger({ level, destination: linesOn(terminal) });
  return {
    logger: both(files, lines),
    close: async () => {
      await files?.close();
    },
  };
}

/** A logger that passes everything on to several. */
export function both(...loggers: readonly (Logger | undefined)[]): Logger {
  const methods = LOG_LEVELS.map((level) => [
    level,
    (details: LogDetails, message: string): void => {
      for (const logger of loggers) logger?.[level]?.(details, message);
    },
  ]);
  return Object.fromEntries(methods) as Logger;
}

/** Whole lines, between which the line that shows the progress stays. */
function linesOn(terminal: Terminal): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      terminal.line(chunk.toString().trimEnd());
      done();
    },
  });
}
