import { types } from 'node:util';
import { KinesisVideoError } from '../../internal/errors.js';
import type { NativeClient } from '../../internal/native.js';
import { redactValue } from '../../internal/redact.js';
import { abortable } from '../../internal/signal.js';
import { LOG_LEVELS, publish, type LogDetails } from '../../logging/index.js';
import type { ResolvedClientOptions } from '../client-options.js';
import { OutageNotice } from '../outage-notice.js';
import { Retry } from '../retry.js';
import type { ResolvedDefinition } from '../stream-definition.js';
import type { FromWorker, Outcome, Prepared, ToWorker } from './messages.js';
import { pack, unpack, type RemoteTarget } from './pack.js';
import { RemoteMeter } from './remote-meter.js';
import { StreamProxy, type StreamProxyParts } from './stream-proxy.js';
import { Thread } from './thread.js';
import type { Engine, StreamTransport, Transport } from './transport.js';

/** A worker that has run for so long (ms) has not failed at once. */
const LASTING = 60_000;

/** Warnings of other libraries that workers of this process have had. */
const foreignWarnings = new Set<string>();

/** A call to the worker that is not answered yet. */
interface PendingCall {
  readonly message: ToWorker;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onTagError?: (error: KinesisVideoError) => void;
}

/**
 * The connections of a client in a thread of their own, which shares the core of the client: a
 * program that blocks its own thread delays nothing on the wire.
 *
 * What only the program's thread can do is asked of it: functions of the user, such as providers of
 * credentials and retry callbacks, and its logger. A worker that dies is replaced, and goes on with
 * what the core holds.
 */
export class WorkerTransport implements Transport {
  readonly #options: ResolvedClientOptions;
  readonly #clientId: number;
  readonly #outages = new OutageNotice();
  readonly #retry = new Retry();
  readonly #meters = new Map<number, RemoteMeter>();
  readonly #streams = new Map<number, StreamProxy>();
  readonly #calls = new Map<number, PendingCall>();
  /** What the worker can call, by number. */
  readonly #functions: RemoteTarget[] = [];
  readonly #packedOptions: unknown;
  #thread: Thread | undefined;
  #startedAt = 0;
  #restart: NodeJS.Timeout | undefined;
  #lastNumber = 0;
  #isClosed = false;

  private constructor(options: ResolvedClientOptions, native: NativeClient) {
    this.#options = options;
    this.#clientId = native.id();
    this.#packedOptions = this.#packOptions();
  }

  /** Starts the worker, which finds out the region and prepares the rest; no call is made yet. */
  static async open(
    options: ResolvedClientOptions,
    native: NativeClient,
  ): Promise<WorkerTransport> {
    const transport = new WorkerTransport(options, native);
    try {
      await transport.#start();
    } catch (error) {
      transport.close();
      throw error;
    }
    return transport;
  }

  forStream(streamName: string): StreamTransport {
    const key = this.#newNumber();
    const calls = new RemoteMeter();
    this.#meters.set(key, calls);
    const release = (): void => {
      if (this.#meters.delete(key)) this.#post({ type: 'release', key });
    };
    return {
      calls,
      prepareStream: async (definition, options) => {
        const prepared = await this.#prepare({ key, streamName, definition }, options);
        calls.update(prepared.calls);
        return prepared.retention;
      },
      makeEngine: (native, definition, host) =>
        this.#makeEngine({ key, native, definition, host }, calls),
      release,
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#restart);
    this.#thread?.close();
    for (const { reject } of this.#calls.values()) reject(endedError());
    this.#calls.clear();
  }

  async #prepare(
    stream: { key: number; streamName: string; definition: ResolvedDefinition },
    { signal, onTagError }: Parameters<StreamTransport['prepareStream']>[1],
  ): Promise<Prepared> {
    signal.throwIfAborted();
    const call = this.#newNumber();
    const definition = pack(stream.definition);
    const answer = this.#call({ type: 'prepare', call, ...stream, definition }, onTagError);
    const onAbort = (): void => {
      this.#post({ type: 'abort', call });
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return (await abortable(answer, signal)) as Prepared;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #makeEngine(
    stream: Pick<StreamProxyParts, 'key' | 'native' | 'definition' | 'host'>,
    calls: RemoteMeter,
  ): Engine {
    const { key } = stream;
    const proxy = new StreamProxy({
      ...stream,
      outages: this.#outages,
      post: (message) => {
        this.#post(message);
      },
      receive: () => {
        this.#thread?.receive();
      },
      onCalls: (metrics) => {
        calls.update(metrics);
      },
      onBusy: () => {
        this.#updateHold();
      },
      onDestroyed: () => {
        this.#streams.delete(key);
        this.#updateHold();
      },
    });
    this.#streams.set(key, proxy);
    proxy.attach(false);
    return proxy;
  }

  /** Starts a worker and has it opened; rejects as that does, and when the worker dies before. */
  async #start(): Promise<void> {
    const thread = new Thread({
      onMessage: (message) => {
        this.#take(message);
      },
      onEnd: (error) => {
        this.#onEnd(error);
      },
    });
    this.#thread = thread;
    this.#startedAt = performance.now();
    const levels = LOG_LEVELS.filter((level) => this.#options.logger[level] !== undefined);
    await this.#call({
      type: 'open',
      call: this.#newNumber(),
      clientId: this.#clientId,
      options: this.#packedOptions,
      levels,
    });
  }

  /** Has another worker go on with the streams, after a pause. */
  #onEnd(cause: unknown): void {
    if (performance.now() - this.#startedAt > LASTING) this.#retry.succeeded();
    const pause = Math.round(this.#retry.failed());
    const error = endedError(cause);
    this.#thread = undefined;
    this.#options.logger.error?.({ code: error.code, pause }, error.message);
    for (const { message, reject } of [...this.#calls.values()]) {
      if (message.type === 'open') reject(error);
    }
    const { failures } = this.#retry;
    for (const stream of this.#streams.values()) stream.interrupt({ error, failures, pause });
    for (const meter of this.#meters.values()) meter.restart();
    this.#restart = setTimeout(() => {
      this.#startAgain();
    }, pause);
    this.#updateHold();
  }

  #startAgain(): void {
    this.#restart = undefined;
    const waiting = [...this.#calls.values()];
    this.#start().catch((error: unknown) => {
      // One that has ended has seen to the next one already.
      if (this.#isClosed || this.#restart !== undefined) return;
      // A worker that cannot be started or opened is as good as dead.
      this.#thread?.close();
      this.#onEnd(error);
    });
    for (const stream of this.#streams.values()) stream.attach(true);
    for (const { message } of waiting) this.#post(message);
  }

  /** Posts a message; while there is no worker, what it has to know comes with the next one. */
  #post(message: ToWorker): void {
    this.#thread?.post(message);
  }

  #call(
    message: ToWorker & { readonly call: number },
    onTagError?: (error: KinesisVideoError) => void,
  ): Promise<unknown> {
    const { call } = message;
    const settled = new Promise<unknown>((resolve, reject) => {
      this.#calls.set(call, { message, resolve, reject, ...(onTagError && { onTagError }) });
    });
    this.#post(message);
    this.#updateHold();
    return settled.finally(() => {
      this.#calls.delete(call);
      this.#updateHold();
    });
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case 'answer': {
        const { outcome } = message;
        const pending = this.#calls.get(message.call);
        if ('value' in outcome) pending?.resolve(unpack(outcome.value));
        else pending?.reject(unpack(outcome.error) as Error);
        return;
      }
      case 'tagError':
        this.#calls.get(message.call)?.onTagError?.(unpack(message.error) as KinesisVideoError);
        return;
      case 'news':
        this.#streams.get(message.key)?.deliver(message.news);
        return;
      case 'awake':
        this.#streams.get(message.key)?.awake();
        return;
      case 'ask':
        void this.#answer(message);
        return;
      case 'log':
        this.#options.logger[message.level]?.(
          unpack(message.details) as LogDetails,
          message.message,
        );
        return;
      case 'published':
        publish(message.channel, () => unpack(message.message) as never);
        return;
      case 'warning':
        emitWarning(unpack(message.warning) as Error);
    }
  }

  /** Calls a function of the user for the worker. */
  async #answer({ call, id, args, streamName }: FromWorker & { type: 'ask' }): Promise<void> {
    let outcome: Outcome;
    try {
      const work = this.#functions[id];
      const target = streamName === undefined ? work : work?.forStream?.(streamName);
      const value = await (target as ((...args: unknown[]) => unknown) | undefined)?.(
        ...(unpack(args) as unknown[]),
      );
      outcome = { value: pack(plainAnswer(value)) };
    } catch (error) {
      outcome = { error: pack(error instanceof Error ? error : redactValue(error)) };
    }
    this.#post({ type: 'answer', call, outcome });
  }

  /** Sets whether the worker, or the pause until there is one, keeps the process alive. */
  #updateHold(): void {
    const isBusy = this.#calls.size > 0 || [...this.#streams.values()].some((s) => s.isBusy);
    this.#thread?.hold(isBusy);
    if (isBusy) this.#restart?.ref();
    else this.#restart?.unref();
  }

  #newNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  /** The options as the worker gets them: with functions that call those of the user. */
  #packOptions(): unknown {
    const keep = (work: RemoteTarget): number => this.#functions.push(work) - 1;
    const options = Object.entries(this.#options).filter(([name]) => name !== 'logger');
    const entries = options.map(([name, value]): [string, unknown] => {
      try {
        return [name, pack(plainKeys(value), keep)];
      } catch (cause) {
        throw unpostableError(name, cause);
      }
    });
    return Object.fromEntries(entries);
  }
}

/** Emits a warning of a worker; what others than we warn of once in a thread comes once in all. */
function emitWarning(warning: Error): void {
  if (warning.name !== 'KinesisVideoWarning') {
    if (foreignWarnings.has(warning.message)) return;
    foreignWarnings.add(warning.message);
  }
  process.emitWarning(warning);
}

/**
 * What a function of the user has answered, as far as there is a use for it. The rest may be anything,
 * such as a response of HTTP with its socket, and is only to be told in an error.
 */
function plainAnswer(value: unknown): unknown {
  const isKeys = typeof value === 'object' && value !== null && 'accessKeyId' in value;
  if (isKeys) return plainKeys(value);
  return typeof value === 'string' ? value : redactValue(value);
}

/** Keys that are an object of some class, as plain ones; any other value as it is. */
function plainKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('accessKeyId' in value)) return value;
  const names = ['accessKeyId', 'secretAccessKey', 'sessionToken', 'expiration', 'accountId'];
  const keys = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    names.flatMap((name) => {
      const part = keys[name];
      const isUsable = typeof part === 'string' || types.isDate(part);
      return part === undefined ? [] : [[name, isUsable ? part : redactValue(part)]];
    }),
  );
}

function endedError(cause?: unknown): KinesisVideoError {
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  const advice = 'the streams go on in a new one with what is buffered';
  return new KinesisVideoError(
    'STATUS_INTERNAL_ERROR',
    `The thread of the client's connections has ended${reason}; ${advice}.`,
    { advice, retryable: true, cause },
  );
}

function unpostableError(name: string, cause: unknown): KinesisVideoError {
  const advice = "leave it out, or use transport: 'main'";
  return new KinesisVideoError(
    'STATUS_INVALID_ARG',
    `The option ${name} holds an object that cannot be given to another thread: ${advice}.`,
    { values: { option: name }, advice, cause },
  );
}
