/** Stands between us and the user's logger: no secret goes out, and no error of the logger comes in. */
import { warnProcess } from '../internal/process-warning.js';
import { redact, redactValues } from '../internal/redact.js';
import { LOG_LEVELS, type LogDetails, type Logger, type LogLevel } from './logger.js';

/** What a logger may have besides its methods, as that of pino does: whether a level is written at all. */
interface LevelFilter {
  readonly isLevelEnabled?: (level: LogLevel) => unknown;
}

/** A logger that was wrapped, which wrapping again leaves as it is. */
const guarded = new WeakSet<Logger>();

/**
 * Wraps the logger of a user. It has the methods that the user's has, which are looked up for each
 * entry since loggers replace them when their level changes, and are called as methods.
 *
 * Messages and details are redacted. A logger that throws, or whose promise is rejected, is told of
 * once, in a warning of the process.
 */
export function guardLogger(logger: Logger): Logger {
  if (guarded.has(logger)) return logger;
  const warnOnce = once((level: LogLevel, error: unknown) => {
    warnProcess(
      `The logger has failed in ${level}(), and nothing else is disturbed: ${redact(String(error))}; ` +
        'mend it, or pass another one. This is told once.',
      'STATUS_INVALID_OPERATION',
    );
  });
  const methods = LOG_LEVELS.filter((level) => logger[level] !== undefined).map((level) => [
    level,
    (details: LogDetails, message: string): void => {
      try {
        write(logger, level, details, message, warnOnce);
      } catch (error) {
        warnOnce(level, error);
      }
    },
  ]);
  const wrapped = Object.freeze(Object.fromEntries(methods)) as Logger;
  guarded.add(wrapped);
  return wrapped;
}

function write(
  logger: Logger & LevelFilter,
  level: LogLevel,
  details: LogDetails,
  message: string,
  onError: (level: LogLevel, error: unknown) => void,
): void {
  // What is not written need not be redacted either.
  if (typeof logger.isLevelEnabled === 'function' && !logger.isLevelEnabled(level)) return;
  const result: unknown = logger[level]?.(redactValues(details), redact(message));
  // A method may be async although its type does not say so.
  if (result instanceof Promise) {
    result.catch((error: unknown) => {
      onError(level, error);
    });
  }
}

/** Runs the first call only. */
function once<A extends unknown[]>(work: (...args: A) => void): (...args: A) => void {
  let isDone = false;
  return (...args) => {
    if (isDone) return;
    isDone = true;
    work(...args);
  };
}
