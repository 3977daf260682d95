/** What a message is about, by name, such as `streamName` and `code`. */
export type LogDetails = Readonly<Record<string, unknown>>;

/** Writes one entry: what it is about, then a sentence. */
export type LogMethod = (details: LogDetails, message: string) => void;

/** The levels of a logger, the most talkative one first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** A level of a logger. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Where to tell what goes on, in the form of `pino`: a `pino` logger and `console` can be passed as
 * they are. Methods may be missing. Without a logger nothing is written, but for rare warnings of the
 * process about what would pass unnoticed. Messages and details never hold a secret, and a logger
 * that throws disturbs nothing.
 */
export interface Logger {
  /** Each acknowledgement of the service. */
  readonly trace?: LogMethod;
  /** Calls to the service, and connections that are opened and closed. */
  readonly debug?: LogMethod;
  /** Changes of a stream's state. */
  readonly info?: LogMethod;
  /** Retries, drops, pressures: what the stream gets over. */
  readonly warn?: LogMethod;
  /** A stream that has failed. */
  readonly error?: LogMethod;
  /** Nothing so far; it is here so that the type is that of common loggers. */
  readonly fatal?: LogMethod;
}

/** Whether a value can be used as a logger. */
export function isLogger(value: unknown): value is Logger {
  if (typeof value !== 'object' || value === null) return false;
  const methods = LOG_LEVELS.map((name) => (value as Record<string, unknown>)[name]);
  return methods.every((method) => method === undefined || typeof method === 'function');
}
