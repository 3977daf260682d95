import { delay } from '../internal/signal.js';
import type { Logger } from '../logging/index.js';
import {
  continuousRetry,
  type RetryAction,
  type RetryAdvice,
  type RetryCallbacks,
  type StreamTroubles,
} from './retry-callbacks.js';

/** How long (ms) a callback may take for its answer. */
const ADVICE_TIMEOUT = 5000;

const ACTIONS: ReadonlySet<unknown> = new Set<RetryAction>([
  'continue',
  'reset-connection',
  'reset-stream',
  'fail',
]);

/**
 * Asks the callbacks of the user, and those of `continuousRetry` where there is none or it gives no
 * answer: one that throws, is late, or answers something else must not stop an upload.
 */
export class RetryAdvisor {
  readonly #given: RetryCallbacks;
  readonly #defaults = continuousRetry();
  readonly #logger: Logger;

  /** @param logger - is told what was wrong with an answer */
  constructor(given: RetryCallbacks, logger: Logger) {
    this.#given = given;
    this.#logger = logger;
  }

  /** What to do about a trouble: at once, unless a callback answers with a promise. */
  ask<K extends keyof StreamTroubles>(
    name: K,
    trouble: StreamTroubles[K],
  ): RetryAction | Promise<RetryAction> {
    const byDefault = (): RetryAction =>
      // The callbacks of continuousRetry answer at once.
      (this.#defaults[name] as (trouble: StreamTroubles[K]) => RetryAction)(trouble);
    const callback = this.#given[name] as ((trouble: StreamTroubles[K]) => RetryAdvice) | undefined;
    if (callback === undefined) return byDefault();
    try {
      const advice = callback(trouble);
      if (!(advice instanceof Promise)) return this.#check(name, advice) ?? byDefault();
      return this.#wait(name, advice).then((action) => action ?? byDefault());
    } catch (error) {
      this.#tell(name, `has thrown ${String(error)}`);
      return byDefault();
    }
  }

  async #wait(
    name: keyof StreamTroubles,
    advice: Promise<RetryAction | undefined>,
  ): Promise<RetryAction | undefined> {
    const late = new AbortController();
    try {
      const timeout = delay(ADVICE_TIMEOUT, late.signal).then(() => {
        this.#tell(name, `has not answered within ${ADVICE_TIMEOUT} ms`);
        return undefined;
      });
      timeout.catch(() => undefined);
      return this.#check(name, await Promise.race([advice, timeout]));
    } catch (error) {
      this.#tell(name, `has failed: ${String(error)}`);
      return undefined;
    } finally {
      late.abort();
    }
  }

  #check(name: keyof StreamTroubles, answer: unknown): RetryAction | undefined {
    if (answer === undefined || ACTIONS.has(answer)) return answer as RetryAction | undefined;
    this.#tell(name, `has answered ${JSON.stringify(answer)}`);
    return undefined;
  }

  #tell(name: keyof StreamTroubles, problem: string): void {
    const advice = `answer ${[...ACTIONS].join(', ')} or undefined`;
    this.#logger.warn?.(
      { code: 'STATUS_INVALID_ARG', callback: name },
      `The retry callback ${name} ${problem}, and the default is used: ${advice}.`,
    );
  }
}
