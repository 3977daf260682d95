import { setTimeout as sleep } from 'node:timers/promises';
import { onAbort } from '../abort.js';
import type { Exchange } from '../exchange.js';
import type { CallFaults } from '../faults/call-faults.js';
import type { ResolvedOptions } from '../options.js';
import type { MetricName } from '../metrics/definitions.js';
import type { LocalService } from '../service.js';
import type { LocalStream, StreamUser } from '../streams/stream.js';
import {
  ackErrorCode,
  AckError,
  AckWriter,
  type AckedFragment,
  type AckType,
  type AckErrorCode,
} from './acks.js';
import { FragmentRecorder } from './fragment-recorder.js';
import { MediaReceiver } from './media-receiver.js';
import { Pacer } from './pacer.js';

/** IDLE acknowledgements that a silent client gets before its connection is closed, roughly. */
const IDLE_ACKS = 5;

/** What is measured when an acknowledgement is written. */
const ACK_METRICS: Readonly<Partial<Record<AckType, MetricName>>> = {
  BUFFERING: 'PutMedia.BufferingAckLatency',
  RECEIVED: 'PutMedia.ReceivedAckLatency',
  PERSISTED: 'PutMedia.PersistedAckLatency',
  ERROR: 'PutMedia.ErrorAckCount',
};

/** What the headers of a PutMedia request say. */
export interface PutMediaRequest {
  /** Epoch ms that the media's times count from: 0 when they are absolute. */
  readonly origin: number;
  readonly acknowledge: boolean;
  /** What shall go wrong. */
  readonly faults: CallFaults;
}

/** One PutMedia: takes the body as fast as fragments can be stored, acknowledges in the response. */
export class PutMediaSession implements StreamUser {
  readonly kind = 'putMedia';
  readonly #exchange: Exchange;
  readonly #stream: LocalStream;
  readonly #options: ResolvedOptions;
  readonly #acks: AckWriter;
  readonly #recorder: FragmentRecorder;
  readonly #receiver: MediaReceiver;
  readonly #pacer: Pacer;
  readonly #fragmentPacer: Pacer;
  /** Milliseconds to wait for the sake of how many fragments have begun. */
  #fragmentDelay = 0;
  /** Aborted as soon as the session takes no more of the body. */
  readonly #over = new AbortController();
  readonly #faults: CallFaults;
  /** Fragments that have begun. */
  #begun = 0;
  /** What a fault does to the connection when all that is whole has been acknowledged. */
  #breakage: 'hang' | 'reset' | undefined;
  #held = false;
  #lastActivity = performance.now();
  #failure: { code: AckErrorCode; fragment: AckedFragment } | undefined;

  constructor(
    exchange: Exchange,
    stream: LocalStream,
    request: PutMediaRequest,
    { options, persisted, quotas }: LocalService,
  ) {
    this.#exchange = exchange;
    this.#stream = stream;
    this.#options = options;
    this.#faults = request.faults;
    this.#acks = new AckWriter(exchange.response, {
      enabled: request.acknowledge,
      delay: options.ackDelay,
      dropped: request.faults.droppedAcks,
      onWritten: (type, latency) => {
        const metric = ACK_METRICS[type];
        if (metric !== undefined) stream.metrics.add(metric, type === 'ERROR' ? 1 : latency);
      },
    });
    this.#recorder = new FragmentRecorder({
      stream,
      acks: this.#acks,
      now: options.now,
      origin: request.origin,
      onBegun: () => {
        this.#beginFragment();
      },
      onPersisted: (entry, events) => {
        persisted.tell({ stream, entry, events });
      },
      onFailure: (error, fragment) => {
        this.#fail('ARCHIVAL_ERROR', String(error), fragment);
      },
    });
    const { origin } = request;
    const limits = quotas.media;
    this.#receiver = new MediaReceiver(this.#recorder, { ...options, ...limits, origin });
    const rates = [options.ingestRate, request.faults.rate, limits.incomingRate];
    this.#pacer = new Pacer(lowestRate(rates));
    this.#fragmentPacer = new Pacer(limits.fragmentRate ?? 0);
  }

  /** True while more media may come. */
  get receiving(): boolean {
    return !this.#over.signal.aborted;
  }

  /** Runs until the response is complete or the client is gone. Never rejects for what the client does. */
  async run(): Promise<void> {
    const { request, closed } = this.#exchange;
    this.#exchange.begin({ 'content-type': 'application/json' });
    const { metrics } = this.#stream;
    metrics.add('PutMedia.Latency', performance.now() - this.#exchange.startedAt);
    request.on('data', this.#onData).on('end', this.#onEnd);
    const undo = [
      ...this.#startTimers(),
      onAbort(closed, () => {
        this.#stop();
      }),
      onAbort(this.#stream.deleted, () => {
        this.#fail('STREAM_NOT_ACTIVE', 'The stream has been deleted');
      }),
    ];
    await new Promise<void>((resolve) => onAbort(this.#over.signal, resolve));
    for (const step of undo) step();
    request.off('data', this.#onData).off('end', this.#onEnd).resume();
    await this.#finish();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.receiving) return;
    this.#lastActivity = performance.now();
    this.#stream.metrics.add('PutMedia.IncomingBytes', chunk.length);
    this.#attempt(() => {
      this.#receiver.push(chunk);
    });
    this.#throttle(chunk.length);
  };

  readonly #onEnd = (): void => {
    if (!this.receiving) return;
    this.#attempt(() => {
      this.#receiver.finish();
    });
    this.#stop();
  };

  #throttle(bytes: number): void {
    if (!this.receiving) return;
    const byteDelay = this.#pacer.delayAfter(bytes, this.#lastActivity);
    const delay = Math.max(byteDelay, this.#fragmentDelay);
    this.#fragmentDelay = 0;
    const pressure = this.#recorder.pressure();
    if (delay > 0 || pressure !== undefined) void this.#holdBack(delay, pressure);
  }

  /** Reads nothing for `delay` ms and until `pressure` is gone; the socket does the rest. */
  async #holdBack(delay: number, pressure: Promise<unknown> | undefined): Promise<void> {
    const { request } = this.#exchange;
    this.#held = true;
    request.pause();
    const pause = delay > 0 ? sleep(delay, undefined, { signal: this.#over.signal }) : undefined;
    await Promise.all([pressure, pause?.catch(() => undefined)]);
    this.#held = false;
    this.#lastActivity = performance.now();
    request.resume();
  }

  /** A fragment has begun: makes go wrong what shall, now that those before are whole. */
  #beginFragment(): void {
    const { mediaBreak } = this.#faults;
    this.#begun += 1;
    this.#fragmentDelay = this.#fragmentPacer.delayAfter(1, this.#lastActivity);
    if (mediaBreak === undefined || this.#begun <= mediaBreak.after) return;
    const { what } = mediaBreak;
    if (typeof what === 'string') {
      this.#breakage = what;
      this.#stop();
    }
    // What else has come already must not be taken as if nothing had happened.
    const code = typeof what === 'object' ? ackErrorCode(what.errorId) : 'STREAM_READ_ERROR';
    throw new AckError(code, 'a fault asks for it');
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof AckError) this.#fail(error.code, error.message);
      else this.#fail('INTERNAL_ERROR', String(error));
    }
  }

  /** Ends the session with an ERROR acknowledgement; the first failure is the one that is told. */
  #fail(code: AckErrorCode, reason: string, fragment = this.#recorder.current): void {
    if (this.#failure !== undefined || this.#breakage !== undefined) return;
    this.#failure = { code, fragment };
    if (fragment.timecode >= 0) this.#stream.metrics.add('PutMedia.Success', 0);
    const { streamName } = this.#stream.record;
    const which = fragment.timecode < 0 ? '' : ` in the fragment at ${fragment.timecode}`;
    this.#options.log(`PutMedia to '${streamName}' ends with ${code}${which}: ${reason}.`);
    this.#stop();
  }

  #stop(): void {
    this.#over.abort();
  }

  /** Starts what ends the session by time; returns how to stop it. */
  #startTimers(): (() => void)[] {
    const { idleTimeout, maxConnectionDuration } = this.#options;
    const period = idleTimeout / (IDLE_ACKS + 1);
    const tooLong = (): void => {
      this.#fail('MAX_CONNECTION_DURATION_REACHED', `It took ${maxConnectionDuration} ms`);
    };
    const duration = setTimeout(tooLong, maxConnectionDuration);
    const idle = setInterval(() => {
      this.#checkIdle(period);
    }, period);
    return [
      () => {
        clearTimeout(duration);
      },
      () => {
        clearInterval(idle);
      },
    ];
  }

  #checkIdle(period: number): void {
    if (this.#held) return;
    const silence = performance.now() - this.#lastActivity;
    if (silence >= this.#options.idleTimeout) this.#stop();
    else if (silence >= period) this.#acks.idle();
  }

  /** Stores what is complete, sends the last acknowledgements and ends the response. */
  async #finish(): Promise<void> {
    await this.#recorder.finish();
    if (this.#failure !== undefined) {
      this.#acks.error(this.#failure.code, this.#failure.fragment);
    }
    const stopWatching = onAbort(this.#exchange.closed, () => {
      this.#acks.cancel();
    });
    await this.#acks.flushed();
    stopWatching();
    if (this.#breakage === undefined) {
      this.#exchange.end();
      return;
    }
    if (this.#breakage === 'reset') this.#exchange.reset();
    await this.#exchange.hang();
  }
}

/** The lowest of rates in bytes per second, of which 0 and undefined are no limit; 0 for none. */
function lowestRate(rates: readonly (number | undefined)[]): number {
  const limits = rates.filter((rate) => rate !== undefined && rate > 0);
  return limits.length === 0 ? 0 : Math.min(...limits.map(Number));
}
