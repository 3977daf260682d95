import type { AwsCredentialIdentity } from '@smithy/types';
import { KinesisVideoError } from '../internal/errors.js';
import { delay } from '../internal/signal.js';
import { summarize } from '../logging/index.js';
import { checkCredentials, checkExpiration } from './check.js';
import { fullJitter, newFor, untilRefresh, type Pauses } from './refresh-times.js';
import { tellAnswer } from './tell-answer.js';
import { LOCAL_CLOCK, type CredentialsProvider, type ServiceClock } from './types.js';
import type { SourceRequest } from './types.js';

/**
 * Callers wait for new credentials when those at hand have less than this left (ms): an upload needs
 * 30 s of life, besides the time to get it going.
 */
export const GRACE = 38_000;

/** How long (ms) callers wait for new ones while those at hand are still valid. */
const PATIENCE = 5000;

/** How long a source may take (ms); long enough for a process or a sign-on service. */
const SOURCE_TIMEOUT = 30_000;

/** Pauses (ms) after failures while there are credentials, and while somebody waits for them. */
const IN_BACKGROUND = { first: 1000, cap: 30_000 };
const WHILE_AWAITED = { first: 200, cap: 2000 };

/** The longest time (ms) that the timer is set to; it is set again when it is not yet time. */
const MAX_TIMER = 3_600_000;

/** What is asked for credentials. What it gives is checked, and so is that it gives anything. */
export type CredentialsSource = (request: SourceRequest) => unknown;

/** How `memoizeCredentials` treats its source. */
export interface MemoizeOptions {
  /** What the credentials are called in errors, as the plural subject of a sentence. */
  readonly origin: string;
  /** Turns what the source threw into the error to report. */
  readonly explain: (error: unknown, renewal: boolean) => KinesisVideoError;
  /** Milliseconds the source may take; default 30 000. */
  readonly timeout?: number;
  /** The clock by which credentials expire; default that of this machine. */
  readonly clock?: ServiceClock | undefined;
  /** A number in [0, 1), for tests; default `Math.random`. */
  readonly random?: () => number;
}

/**
 * Keeps what `source` answers and gets new ones ahead of expiry. Callers get those at hand at once
 * while these have more than 38 s left; new ones are got in the background meanwhile, without
 * keeping the process alive, and only for as long as somebody asks. Callers at the same time share
 * one request. After a failure the source is left alone for a time that doubles, with jitter, and
 * credentials that are still valid stay in use whatever the source does.
 */
export function memoizeCredentials(
  source: CredentialsSource,
  options: MemoizeOptions,
): CredentialsProvider {
  const cache = new CredentialsCache(source, options);
  return Object.assign((request?: Record<string, unknown>) => cache.get(request), {
    invalidate: (refused: AwsCredentialIdentity) => cache.invalidate(refused),
  });
}

/** The credentials at hand. Times are those of the service's clock, in milliseconds. */
interface Held {
  readonly identity: AwsCredentialIdentity;
  /** Infinity when they do not expire. */
  readonly expires: number;
  readonly refreshAt: number;
  /** For how long (ms) after their arrival nothing newer is to be had. */
  readonly newFor: number;
}

class CredentialsCache {
  readonly #source: CredentialsSource;
  readonly #options: MemoizeOptions;
  #held: Held | undefined;
  /** The service, or a caller, does not want what is held. */
  #isStale = false;
  /** How often callers have asked, and what that was when the timer last got credentials. */
  #asked = 0;
  #askedBefore = -1;
  #pending: Promise<AwsCredentialIdentity> | undefined;
  #failures = 0;
  /** The random part of the pause after the last failure. */
  #jitter = 0;
  /** When the last refresh has ended, on the monotonic clock (ms): steps of the other do not count. */
  #endedAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: CredentialsSource, options: MemoizeOptions) {
    this.#source = source;
    this.#options = options;
  }

  async get(request?: Record<string, unknown>): Promise<AwsCredentialIdentity> {
    if (request?.['forceRefresh'] === true) this.#isStale = true;
    this.#asked += 1;
    const held = this.#usable();
    if (held === undefined) return this.#refresh();
    const now = this.#now();
    const left = held.expires - now;
    if (left > GRACE) {
      const isDue = now >= held.refreshAt && this.#pauseLeft(IN_BACKGROUND) === 0;
      if (isDue) this.#refreshInBackground();
      return held.identity;
    }
    if (this.#pauseLeft(WHILE_AWAITED) > 0) return held.identity;
    return first(this.#refresh(), Math.min(PATIENCE, left / 2), held.identity);
  }

  invalidate(refused: AwsCredentialIdentity): boolean {
    // A late refusal of old credentials says nothing about those that have replaced them.
    if (refused === this.#held?.identity) this.#isStale = true;
    return true;
  }

  /** What is held, unless it has expired or was refused. */
  #usable(): Held | undefined {
    const held = this.#held;
    return held !== undefined && !this.#isStale && held.expires > this.#now() ? held : undefined;
  }

  #now(): number {
    return (this.#options.clock ?? LOCAL_CLOCK).now().getTime();
  }

  /** The one request that is under way, or a new one. */
  #refresh(): Promise<AwsCredentialIdentity> {
    this.#pending ??= this.#ask().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  #refreshInBackground(): void {
    // Whoever needs the outcome asks for it; a failure has been noted.
    this.#refresh().catch(() => undefined);
  }

  async #ask(): Promise<AwsCredentialIdentity> {
    const { origin, explain } = this.#options;
    const before = this.#held;
    const isAwaited = this.#failures > 0 && this.#usable() === undefined;
    if (isAwaited) await delay(this.#pauseLeft(WHILE_AWAITED));
    const started = performance.now();
    try {
      const answer = await this.#boundedAnswer(before !== undefined);
      const identity = checkExpiration(checkCredentials(answer, origin), origin, this.#now());
      tellAnswer(started, () => ({ expiration: identity.expiration?.getTime() }));
      return this.#take(identity);
    } catch (error) {
      tellAnswer(started, () => ({ error: summarize(explain(error, before !== undefined)) }));
      this.#noteEnd(this.#failures + 1);
      const held = this.#usable();
      if (held !== undefined) return held.identity;
      throw explain(error, before !== undefined);
    }
  }

  #take(identity: AwsCredentialIdentity): AwsCredentialIdentity {
    const held = this.#held;
    this.#isStale = false;
    if (held !== undefined && isSame(held.identity, identity)) {
      // Nothing new yet: as after a failure, the source is not asked at every call.
      this.#noteEnd(this.#failures + 1);
      return held.identity;
    }
    const now = this.#now();
    const expires = identity.expiration?.getTime() ?? Infinity;
    const life = expires - now;
    const refreshAt = now + untilRefresh(life, GRACE, this.#random());
    this.#held = { identity, expires, refreshAt, newFor: newFor(life) };
    this.#noteEnd(0);
    return identity;
  }

  /** Counts failures, and sees to it that the next attempt comes in time. */
  #noteEnd(failures: number): void {
    this.#failures = failures;
    this.#jitter = this.#random();
    this.#endedAt = performance.now();
    this.#setTimer();
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const held = this.#usable();
    if (held === undefined || held.expires === Infinity) return;
    const wait = Math.max(held.refreshAt - this.#now(), this.#pauseLeft(IN_BACKGROUND));
    this.#timer = setTimeout(
      () => {
        this.#onTimer();
      },
      Math.min(wait, MAX_TIMER),
    ).unref();
  }

  #onTimer(): void {
    const held = this.#usable();
    if (held === undefined) return;
    if (this.#now() < held.refreshAt) {
      this.#setTimer();
      return;
    }
    // When nobody has asked since the timer last got some, nobody needs the next ones yet.
    const asked = this.#asked;
    if (asked === this.#askedBefore) return;
    this.#refresh().then(
      () => {
        if (this.#failures === 0) this.#askedBefore = asked;
      },
      () => undefined,
    );
  }

  /** Milliseconds for which the source is still left alone. */
  #pauseLeft(pauses: Pauses): number {
    const pause =
      this.#failures === 0
        ? (this.#held?.newFor ?? 0)
        : fullJitter(this.#failures, pauses, this.#jitter);
    return Math.max(0, this.#endedAt + pause - performance.now());
  }

  #random(): number {
    return (this.#options.random ?? Math.random)();
  }

  /** Rejects when the source takes longer than it may. */
  async #boundedAnswer(isRenewal: boolean): Promise<unknown> {
    const { origin, timeout = SOURCE_TIMEOUT, clock } = this.#options;
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort(lateError(origin, timeout));
    }, timeout);
    // Who has credentials does not depend on the outcome.
    if (this.#usable() !== undefined) timer.unref();
    const expired = new Promise<never>((_resolve, reject) => {
      late.signal.addEventListener('abort', () => {
        reject(late.signal.reason as KinesisVideoError);
      });
    });
    const request: SourceRequest = {
      ...(isRenewal && { forceRefresh: true }),
      abortSignal: late.signal,
      ...(clock && { clock }),
    };
    try {
      // In a turn of its own, so that what a source throws at once is a rejection too.
      const work = Promise.resolve().then(() => this.#source(request));
      return await Promise.race([work, expired]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What `work` gives, or `fallback` when that takes longer than `patience` milliseconds. */
async function first<T>(work: Promise<T>, patience: number, fallback: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, patience, fallback);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

function isSame(a: AwsCredentialIdentity, b: AwsCredentialIdentity): boolean {
  return (
    a.accessKeyId === b.accessKeyId &&
    a.secretAccessKey === b.secretAccessKey &&
    a.sessionToken === b.sessionToken &&
    a.expiration?.getTime() === b.expiration?.getTime()
  );
}

function lateError(origin: string, timeout: number): KinesisVideoError {
  const advice = 'check that its source can be reached from this machine';
  const message = `${origin} did not arrive within ${timeout} ms: ${advice}.`;
  return new KinesisVideoError('STATUS_OPERATION_TIMED_OUT', message, {
    values: { timeout },
    advice,
    retryable: true,
  });
}
