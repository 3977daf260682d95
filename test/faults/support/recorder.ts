/** Everything that a producer says: events, errors, and its log at the finest level. */
import { inspect } from 'node:util';
import type {
  DroppedFrames,
  FragmentAck,
  KinesisVideoStream,
  Logger,
  StreamEvents,
  UndeliveredFrames,
} from '../../../ts/index.js';
import { KinesisVideoError } from '../../../ts/index.js';

/** A PERSISTED acknowledgement and when it came, by `performance.now()`. */
export interface Persisted {
  readonly timecode: number;
  readonly at: number;
}

const MINUTE = 60_000;
const INSPECT = { depth: 12, maxStringLength: null, maxArrayLength: null, showHidden: true };
/** Events that are looked at for secrets. */
const EVENTS = [
  'connected',
  'disconnected',
  'error',
  'state',
  'droppedFrame',
  'undelivered',
  'connectionStale',
];

/** Collects what one producer says. */
export class Recorder {
  readonly acks: FragmentAck[] = [];
  readonly persisted: Persisted[] = [];
  readonly drops: DroppedFrames[] = [];
  /** What the stream has told that it still held when it was over. */
  undelivered: UndeliveredFrames | undefined;
  /** Errors of lost connections, of the calls before them, and the last one. */
  readonly errors: KinesisVideoError[] = [];
  /** What is no error of ours although all should be. */
  readonly strangers: unknown[] = [];
  /** Codes of the errors that were told, also of those that only the log was told of. */
  readonly codes = new Set<string>();
  readonly #said: string[] = [];
  #onPersisted: (() => void) | undefined;

  /** Keeps what every level is told. */
  readonly logger: Logger = Object.fromEntries(
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((level) => [
      level,
      (...entry: unknown[]) => {
        const [details] = entry as [{ code?: unknown }?];
        if (typeof details?.code === 'string') this.codes.add(details.code);
        this.#said.push(`${Date.now()} ${inspect([level, ...entry], INSPECT)}`);
      },
    ]),
  );

  /** All that was said, as a user might print it. */
  get text(): string {
    return this.#said.join('\n');
  }

  /** Listens to a stream. */
  watch(stream: KinesisVideoStream): void {
    const on = <K extends keyof StreamEvents>(name: K, take: (...args: StreamEvents[K]) => void) =>
      (stream as { on(name: string, take: unknown): unknown }).on(name, take);
    on('fragmentAck', (ack) => {
      this.acks.push(ack);
      if (ack.type !== 'PERSISTED' || ack.fragmentTimecode === undefined) return;
      this.persisted.push({ timecode: ack.fragmentTimecode, at: performance.now() });
      this.#onPersisted?.();
    });
    on('droppedFrame', (drop) => this.drops.push(drop));
    on('undelivered', (left) => {
      this.undelivered = left;
    });
    on('disconnected', ({ error }) => {
      if (error !== undefined) this.failed(error);
    });
    on('error', (error) => {
      this.failed(error);
    });
    for (const name of EVENTS) {
      on(name as 'connected', (event) => {
        this.say([Date.now(), name, event]);
      });
    }
  }

  /** Keeps an error that a call has rejected with, or that an event brought. */
  failed(error: unknown): void {
    this.say(error);
    if (!(error instanceof KinesisVideoError)) {
      this.strangers.push(error);
      return;
    }
    this.errors.push(error);
    this.codes.add(error.code);
  }

  /** Keeps what is printed of a value. */
  say(value: unknown): void {
    this.#said.push(inspect(value, INSPECT), String(value));
  }

  /** Waits for a PERSISTED of a fragment from `timecode` on; undefined when the time is up. */
  async persistedFrom(
    timecode: () => number | undefined,
    timeout: number,
  ): Promise<Persisted | undefined> {
    const deadline = performance.now() + timeout;
    for (;;) {
      const from = timecode() ?? Infinity;
      // Some rows tell of fragments that never were, long after those that are.
      const until = from + MINUTE;
      const found = this.persisted.find((ack) => ack.timecode >= from && ack.timecode < until);
      if (found !== undefined) return found;
      const left = deadline - performance.now();
      if (left <= 0) return undefined;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 100));
        this.#onPersisted = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
