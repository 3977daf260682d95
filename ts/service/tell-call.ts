import { publish, summarize, type Logger } from '../logging/index.js';
import type { CallAttempt } from './service-call.js';

/** Logs and publishes an attempt of a call to the service. */
export function tellCall(logger: Logger, attempt: CallAttempt): void {
  const { operation, streamName, isRetry, error } = attempt;
  const failure = error === undefined ? undefined : summarize(error);
  const facts = {
    operation,
    ...(streamName !== undefined && { streamName }),
    duration: Math.round(attempt.duration),
    isRetry,
  };
  logger.debug?.(
    { ...facts, ...(failure && { code: failure.code }) },
    `${operation} took ${facts.duration} ms${failure ? ` and failed: ${failure.message}` : ''}`,
  );
  publish('call', () => ({ ...facts, ...(failure && { error: failure }) }));
}
