import type { NativeStream } from '../../internal/native.js';
import { Signal } from '../../internal/native.js';
import { LOG_LEVELS, type Logger, type LogDetails } from '../../logging/index.js';
import type { CallMeter, CallMetrics } from '../call-meter.js';
import type { DroppedFrames, StreamEvents } from '../events.js';
import type { RetryAdvisor } from '../retry-advice.js';
import type { ResolvedDefinition } from '../stream-definition.js';
import type { StreamConnector } from '../stream-connector.js';
import { StreamEngine, type EngineHost } from '../stream-engine.js';
import type { FromWorker, News, StreamCommand } from './messages.js';
import { pack } from './pack.js';
import { FRAMES_PUT, type StreamFlags } from './stream-flags.js';

/** What is found out anew by an engine that goes on with a stream. */
const ALL_SIGNALS = Signal.EVENTS | Signal.DATA | Signal.TICK;

/** What a runner works with. */
export interface StreamRunnerParts {
  readonly key: number;
  readonly native: NativeStream;
  readonly definition: ResolvedDefinition;
  readonly flags: StreamFlags;
  readonly connector: StreamConnector;
  readonly logger: Logger;
  readonly advisor: RetryAdvisor;
  readonly calls: CallMeter;
  readonly post: (message: FromWorker) => void;
}

/** The engine of a stream in the worker: does what the program's thread tells, and tells it the news. */
export class StreamRunner {
  readonly #parts: StreamRunnerParts;
  readonly #engine: StreamEngine;
  #news: News[] = [];
  #lastCalls: CallMetrics | undefined;

  constructor(parts: StreamRunnerParts) {
    this.#parts = parts;
    const { native, definition, flags, connector, advisor, calls } = parts;
    this.#engine = new StreamEngine(
      {
        native,
        definition,
        connector,
        advisor,
        calls,
        logger: whileOpen(parts.logger, flags),
        growth: flags,
        outages: {
          tell: (_, error) => {
            this.#tell(['outage', error]);
          },
        },
      },
      this.#host(),
    );
  }

  /** Does what was left to do: frames that were put, signals that the program's thread got. */
  wake(wantsAnswer: boolean): void {
    const { flags, key, post } = this.#parts;
    const bits = flags.take();
    if ((bits & FRAMES_PUT) !== 0) this.#engine.onPut();
    this.#engine.handleSignals(bits & ~FRAMES_PUT);
    if (!wantsAnswer) return;
    // An upload begins in the next turn, and tells so in it.
    setImmediate(() => {
      setImmediate(() => {
        post({ type: 'awake', key });
      });
    });
  }

  /** Goes on with a stream whose worker has died. */
  resume(): void {
    this.#parts.flags.isIdle = true;
    this.wake(false);
    this.#engine.handleSignals(ALL_SIGNALS);
  }

  /** Does what the stream asks for. */
  command(type: StreamCommand): void {
    switch (type) {
      case 'fragmentEnd':
        this.#engine.onFragmentEnd();
        return;
      case 'stop':
        this.#engine.stop();
        return;
      case 'reset':
        this.#engine.reset();
        return;
      case 'destroy':
        this.#engine.destroy();
        this.#parts.native.close();
    }
  }

  /** Takes that frames were dropped, of which the program's thread has told. */
  onDropped(drop: DroppedFrames): void {
    this.#engine.onDropped(drop);
  }

  #host(): EngineHost {
    return {
      events: {
        push: (name: keyof StreamEvents, ...args: readonly unknown[]) => {
          this.#tell(['event', name, args]);
        },
      },
      // Whoever listens does so in the program's thread, which decides.
      isHeard: () => false,
      onRoom: () => {
        if (this.#news.at(-1)?.[0] !== 'room') this.#tell(['room']);
      },
      onState: (state) => {
        // While the engine rests, the core may not ask for the next frame; see StreamEngine.onPut.
        this.#parts.flags.isIdle = state === 'idle';
        this.#tell(['state', state]);
      },
      onDelivered: (persistedAt) => {
        this.#tell(['delivered', persistedAt]);
      },
      onNote: (note) => {
        this.#tell(['note', note]);
      },
      onDrained: () => {
        this.#tell(['drained']);
      },
      onFatal: (error) => {
        this.#tell(['fatal', error]);
      },
    };
  }

  /** What happens in one go is told in one message. */
  #tell(item: News): void {
    if (this.#parts.flags.isClosed) return;
    this.#news.push(item);
    if (this.#news.length === 1) {
      queueMicrotask(() => {
        this.#flush();
      });
    }
  }

  #flush(): void {
    const { key, calls, post } = this.#parts;
    const news = this.#news;
    this.#news = [];
    const { metrics } = calls;
    if (!isSame(metrics, this.#lastCalls)) {
      this.#lastCalls = metrics;
      news.unshift(['calls', metrics]);
    }
    post({ type: 'news', key, news: pack(news) });
  }
}

function isSame(metrics: CallMetrics, other: CallMetrics | undefined): boolean {
  return (
    metrics.retries === other?.retries &&
    metrics.controlPlaneLatency === other.controlPlaneLatency &&
    metrics.dataPlaneLatency === other.dataPlaneLatency
  );
}

/** A logger that writes nothing about a stream that was closed, which this thread learns later. */
function whileOpen(logger: Logger, flags: StreamFlags): Logger {
  const methods = LOG_LEVELS.flatMap((level) => {
    const write = logger[level];
    if (write === undefined) return [];
    const guarded = (details: LogDetails, message: string): void => {
      if (!flags.isClosed) write(details, message);
    };
    return [[level, guarded] as const];
  });
  return Object.fromEntries(methods);
}
