import { ServiceException } from '../exceptions.js';
import { ACCOUNT_ID } from '../streams/registry.js';
import type { LocalStream } from '../streams/stream.js';
import { Bucket } from './bucket.js';
import {
  FRAGMENT_RATE,
  INCOMING_RATE,
  limitsOf,
  MAX_STREAMS,
  MIN_FRAGMENT_MS,
  OUTGOING_RATE,
  POINTS,
} from './limits.js';

/** What media are limited to; nothing where a member is undefined. */
export interface MediaLimits {
  /** Bytes per second of a PutMedia. */
  readonly incomingRate?: number;
  /** Bytes per second of a GetMedia. */
  readonly outgoingRate?: number;
  /** Fragments per second of either. */
  readonly fragmentRate?: number;
  /** Milliseconds that a fragment lasts at least. */
  readonly minFragmentDuration?: number;
}

/** Whom a call counts for besides the account. */
export interface Caller {
  readonly stream?: LocalStream | undefined;
  /** The playback session. */
  readonly session?: object;
}

const MEDIA_LIMITS: MediaLimits = {
  incomingRate: INCOMING_RATE,
  outgoingRate: OUTGOING_RATE,
  fragmentRate: FRAGMENT_RATE,
  minFragmentDuration: MIN_FRAGMENT_MS,
};

const CONSUMED = {
  metadata: 'ArchivedFragmentsConsumed.Metadata',
  media: 'ArchivedFragmentsConsumed.Media',
} as const;

/** The quotas of the service, when they are on. Methods throw ClientLimitExceededException. */
export class Quotas {
  readonly #enabled: boolean;
  readonly #now: () => number;
  readonly #account = {};
  /** Buckets of the account, of streams and of sessions, by what is counted. */
  readonly #buckets = new WeakMap<object, Map<string, Bucket>>();

  constructor({ quotas, now }: { quotas: boolean; now: () => number }) {
    this.#enabled = quotas;
    this.#now = now;
  }

  /** What media are limited to. */
  get media(): MediaLimits {
    return this.#enabled ? MEDIA_LIMITS : {};
  }

  /** Counts a call. A call that is refused counts for nobody. */
  admit(operation: string, { stream, session }: Caller): void {
    if (!this.#enabled) return;
    const limits = limitsOf(operation);
    const counted = [
      { owner: session, limit: limits.session, whose: 'playback session' },
      { owner: stream, limit: limits.stream, whose: `resource '${stream?.record.streamName}'` },
      { owner: this.#account, limit: limits.account, whose: `account '${ACCOUNT_ID}'` },
    ].flatMap(({ owner, limit, whose }) => {
      if (owner === undefined || limit === undefined) return [];
      return [{ bucket: this.#bucket(owner, operation, limit), whose }];
    });
    const now = this.#now();
    for (const { bucket, whose } of counted) {
      if (bucket.has(1, now)) continue;
      throw exceeded(`Limit exceeded on number of requests for ${operation} API for ${whose}`);
    }
    for (const { bucket } of counted) bucket.spend(1);
  }

  /** Counts the fragments that a call is about, which is measured also when nothing is refused. */
  spend(kind: keyof typeof POINTS, stream: LocalStream, points: number): void {
    const limit = POINTS[kind];
    const bucket = this.#bucket(stream, `fragment ${kind}`, limit);
    if (this.#enabled && !bucket.has(points, this.#now())) {
      throw exceeded(
        `Limit exceeded on fragment ${kind} for resource '${stream.record.streamName}': ${points} points are more than is left of ${limit} per second`,
      );
    }
    bucket.spend(points);
    stream.metrics.add(CONSUMED[kind], points);
  }

  /** Throws AccountStreamLimitExceededException when there are as many streams as there may be. */
  requireRoom(streams: number): void {
    if (!this.#enabled || streams < MAX_STREAMS) return;
    throw new ServiceException(
      'AccountStreamLimitExceededException',
      `The account '${ACCOUNT_ID}' has ${streams} streams; at most ${MAX_STREAMS} are allowed.`,
    );
  }

  #bucket(owner: object, what: string, limit: number): Bucket {
    const buckets = this.#buckets.get(owner) ?? new Map<string, Bucket>();
    this.#buckets.set(owner, buckets);
    const bucket = buckets.get(what) ?? new Bucket(limit, this.#now());
    buckets.set(what, bucket);
    return bucket;
  }
}

function exceeded(message: string): ServiceException {
  return new ServiceException('ClientLimitExceededException', message);
}
