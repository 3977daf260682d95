import { publish, type ErrorSummary } from '../logging/index.js';

/**
 * Publishes that a source of credentials has answered, or has failed to.
 *
 * @param started - when it was asked, by `performance.now()`
 */
export function tellAnswer(
  started: number,
  outcome: () => { readonly expiration?: number | undefined; readonly error?: ErrorSummary },
): void {
  publish('credentials', () => {
    const { expiration, error } = outcome();
    return {
      duration: Math.round(performance.now() - started),
      ...(expiration !== undefined && { expiration }),
      ...(error !== undefined && { error }),
    };
  });
}
