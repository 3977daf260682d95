import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
import { KinesisVideoError } from '../internal/errors.js';
import { checkCredentials, checkExpiration } from './check.js';
import type { CredentialsProvider } from './types.js';

/** Credentials with less than this left (ms) are renewed before they are used. */
export const REFRESH_AHEAD = 60_000;

/** How long a source may take (ms); long enough for a process or a sign-on service. */
const SOURCE_TIMEOUT = 30_000;

/** Pause (ms) after a failed renewal, during which credentials that are still valid are used. */
const RENEWAL_PAUSE = 5000;

/** How `memoizeCredentials` treats its source. */
export interface MemoizeOptions {
  /** What the credentials are called in errors, as the plural subject of a sentence. */
  readonly origin: string;
  /** Turns what the source threw into the error to report. */
  readonly explain: (error: unknown, renewal: boolean) => KinesisVideoError;
  /** Milliseconds the source may take; default 30 000. */
  readonly timeout?: number;
  /** The clock, for tests; default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Keeps what `source` answers until a minute before it expires, then asks again. Callers at the
 * same time share one request. When a renewal fails, credentials that are still valid stay in use.
 */
export function memoizeCredentials(
  source: AwsCredentialIdentityProvider,
  options: MemoizeOptions,
): CredentialsProvider {
  const now = options.now ?? Date.now;
  let current: AwsCredentialIdentity | undefined;
  let stale = false;
  let renewAfter = 0;
  let pending: Promise<AwsCredentialIdentity> | undefined;

  const isUsable = (identity: AwsCredentialIdentity): boolean =>
    !stale && remaining(identity, now()) > 0;

  const refresh = async (): Promise<AwsCredentialIdentity> => {
    try {
      // The SDK's own providers keep credentials too and hand out old ones unless told not to.
      const answer = await bounded(source(current && { forceRefresh: true }), options);
      current = checkExpiration(checkCredentials(answer, options.origin), options.origin, now());
      stale = false;
      return current;
    } catch (error) {
      renewAfter = now() + RENEWAL_PAUSE;
      if (current !== undefined && isUsable(current)) return current;
      throw options.explain(error, current !== undefined);
    }
  };

  const provider = async (request?: Record<string, unknown>): Promise<AwsCredentialIdentity> => {
    if (request?.['forceRefresh'] === true) stale = current !== undefined;
    if (current !== undefined && isUsable(current)) {
      if (remaining(current, now()) > REFRESH_AHEAD || now() < renewAfter) return current;
    }
    pending ??= refresh().finally(() => {
      pending = undefined;
    });
    return pending;
  };
  const invalidate = (refused: AwsCredentialIdentity): boolean => {
    // A late refusal of old credentials says nothing about those that have replaced them.
    if (refused === current) stale = true;
    return true;
  };
  return Object.assign(provider, { invalidate });
}

/** Milliseconds until `identity` expires. */
function remaining(identity: AwsCredentialIdentity, now: number): number {
  return identity.expiration === undefined ? Infinity : identity.expiration.getTime() - now;
}

/** Rejects when the source takes longer than it may; a request to it cannot be cancelled. */
async function bounded<T>(work: Promise<T>, options: MemoizeOptions): Promise<T> {
  const timeout = options.timeout ?? SOURCE_TIMEOUT;
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const advice = 'check that its source can be reached from this machine';
      const message = `${options.origin} did not arrive within ${timeout} ms: ${advice}.`;
      reject(
        new KinesisVideoError('STATUS_OPERATION_TIMED_OUT', message, {
          values: { timeout },
          advice,
          retryable: true,
        }),
      );
    }, timeout);
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}
