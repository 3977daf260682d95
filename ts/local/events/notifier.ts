import { setTimeout as sleep } from 'node:timers/promises';
import type { PersistedFragment } from './persisted-fragments.js';
import { post } from './post.js';
import { snsMessage, type SnsMessage } from './sns-message.js';

/** What a notifier works with. */
export interface NotifierOptions {
  /** Where the messages of a topic go; undefined when nowhere. */
  readonly targetOf: (topic: string) => URL | undefined;
  readonly now: () => number;
  readonly log: (sentence: string) => void;
  /** Milliseconds before each further attempt. */
  readonly retryDelays?: readonly number[];
}

const RETRY_DELAYS_MS = [200, 1000, 5000];
/** How long SNS waits for an answer. */
const ATTEMPT_TIMEOUT_MS = 15_000;
/** How long an attempt may go on when the endpoint ends. */
const GRACE_MS = 1000;
/** Messages under way, beyond which further ones are given up: a target that is gone costs no memory. */
const MAX_PENDING = 1000;

/** Posts a notification for each persisted fragment that asks for one, if its stream is configured so. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #delays: readonly number[];
  /** Topics without a target, of which the log has told. */
  readonly #missing = new Set<string>();
  #pending = 0;

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#delays = options.retryDelays ?? RETRY_DELAYS_MS;
  }

  /** Sends what `fragment` asks for; undefined when that is nothing. Never rejects. */
  notify(fragment: PersistedFragment, closing: AbortSignal): Promise<void> | undefined {
    const { notification } = fragment.stream.record;
    if (fragment.events.notification === undefined || notification?.Status !== 'ENABLED') return;
    const topic = notification.DestinationConfig.Uri;
    const target = this.#options.targetOf(topic);
    if (target === undefined) {
      this.#tellMissing(topic);
      return;
    }
    const what = `The notification about fragment ${fragment.entry.number} of '${fragment.stream.record.streamName}'`;
    if (this.#pending >= MAX_PENDING) {
      this.#options.log(`${what} is dropped: ${MAX_PENDING} are under way to ${shown(target)}.`);
      return;
    }
    return this.#deliver(snsMessage(fragment, topic, this.#options.now()), target, what, closing);
  }

  #tellMissing(topic: string): void {
    if (this.#missing.has(topic)) return;
    this.#missing.add(topic);
    this.#options.log(
      `Notifications to ${topic} go nowhere: give their URL as notificationTarget (kvs local --notify).`,
    );
  }

  async #deliver(
    message: SnsMessage,
    target: URL,
    what: string,
    closing: AbortSignal,
  ): Promise<void> {
    this.#pending += 1;
    let failure = await attempt(target, message, closing);
    for (const delay of this.#delays) {
      if (failure?.mayPass !== true) break;
      await sleep(delay, undefined, { signal: closing }).catch(() => undefined);
      if (closing.aborted) break;
      failure = await attempt(target, message, closing);
    }
    this.#pending -= 1;
    if (failure === undefined) return;
    this.#options.log(`${what} was not delivered to ${shown(target)}: ${failure.reason}.`);
  }
}

/** A URL as it may stand in a log: without what gives access. */
function shown({ origin, pathname }: URL): string {
  return origin + pathname;
}

interface Failure {
  readonly reason: string;
  /** Whether another attempt may succeed. */
  readonly mayPass: boolean;
}

/** Sends once; undefined when the target has taken it. */
async function attempt(
  target: URL,
  message: SnsMessage,
  closing: AbortSignal,
): Promise<Failure | undefined> {
  const limit = new AbortController();
  const timers = [setTimeout(cut, ATTEMPT_TIMEOUT_MS, `no answer in ${ATTEMPT_TIMEOUT_MS} ms`)];
  function cut(reason: string): void {
    limit.abort(new Error(reason));
  }
  const hurry = (): void => {
    timers.push(setTimeout(cut, GRACE_MS, 'the endpoint was closed'));
  };
  if (closing.aborted) hurry();
  closing.addEventListener('abort', hurry);
  try {
    const status = await post(target, message, limit.signal);
    if (status >= 200 && status < 300) return undefined;
    // As with SNS, what the target refuses is not sent again.
    const mayPass = status >= 500 || status === 429;
    return { reason: `the answer was HTTP ${status}`, mayPass };
  } catch (error) {
    return { reason: (error as Error).message, mayPass: true };
  } finally {
    closing.removeEventListener('abort', hurry);
    for (const timer of timers) clearTimeout(timer);
  }
}
