import { subscribe } from 'node:diagnostics_channel';
import type { CredentialsInput, CredentialsProvider } from '../../credentials/index.js';
import { binding } from '../../internal/binding.js';
import type { KinesisVideoError } from '../../internal/errors.js';
import { unwrap, type NativeClient } from '../../internal/native.js';
import {
  CHANNELS,
  type ChannelName,
  type LogDetails,
  type Logger,
  type LogLevel,
} from '../../logging/index.js';
import type { RetryCallbacks } from '../retry-callbacks.js';
import { RetryAdvisor } from '../retry-advice.js';
import type { StreamAccess } from '../stream-access.js';
import { ServiceAccess, type ServiceAccessOptions } from '../service-access.js';
import type { ResolvedDefinition } from '../stream-definition.js';
import type { FromWorker, Outcome, Prepared, ToWorker } from './messages.js';
import { pack, unpack } from './pack.js';
import { StreamFlags } from './stream-flags.js';
import { StreamRunner } from './stream-runner.js';

type Opening = ToWorker & { type: 'open' };
type Preparation = ToWorker & { type: 'prepare' };
type Attachment = ToWorker & { type: 'attach' };

/** What the client's opening gives. */
interface OpenClient {
  readonly native: NativeClient;
  readonly access: ServiceAccess;
  readonly advisor: RetryAdvisor;
  readonly logger: Logger;
}

/** Does in the worker what the program's thread asks for. */
export class WorkerService {
  readonly #post: (message: FromWorker) => void;
  readonly #streams = new Map<number, StreamRunner>();
  readonly #accesses = new Map<number, StreamAccess>();
  /** Preparations that go on, by call. */
  readonly #preparations = new Map<number, AbortController>();
  /** Calls of functions of the program's thread that it has not answered. */
  readonly #asked = new Map<number, (outcome: Outcome) => void>();
  #lastCall = 0;
  #client: OpenClient | undefined;
  /** What has come before the client was open. */
  #backlog: ToWorker[] = [];

  constructor(post: (message: FromWorker) => void) {
    this.#post = post;
  }

  /** Has those told in the program's thread who have subscribed to our channels. */
  forwardChannels(): void {
    for (const [name, full] of Object.entries(CHANNELS)) {
      subscribe(full, (message) => {
        this.#post({ type: 'published', channel: name as ChannelName, message: pack(message) });
      });
    }
  }

  /** Has the program's thread emit a warning of the process. */
  warn(warning: Error): void {
    this.#post({ type: 'warning', warning: pack(warning) });
  }

  /** Takes a message. */
  take(message: ToWorker): void {
    if (message.type === 'open') {
      void this.#answer(message.call, this.#open(message));
    } else if (message.type === 'answer') {
      this.#asked.get(message.call)?.(message.outcome);
    } else if (message.type === 'close') {
      this.#close();
    } else if (this.#client === undefined) {
      this.#backlog.push(message);
    } else {
      this.#do(message, this.#client);
    }
  }

  #do(message: ToWorker, client: OpenClient): void {
    switch (message.type) {
      case 'prepare':
        void this.#answer(message.call, this.#prepare(message, client));
        return;
      case 'abort':
        this.#preparations.get(message.call)?.abort();
        return;
      case 'release':
        this.#accesses.get(message.key)?.release();
        this.#accesses.delete(message.key);
        return;
      case 'attach':
        this.#attach(message, client);
        return;
      case 'wake':
        this.#streams.get(message.key)?.wake(message.wantsAnswer);
        return;
      case 'dropped':
        this.#streams.get(message.key)?.onDropped(message.drop);
        return;
      case 'fragmentEnd':
      case 'stop':
      case 'reset':
      case 'destroy':
        this.#streams.get(message.key)?.command(message.type);
        if (message.type === 'destroy') this.#streams.delete(message.key);
        return;
      default:
    }
  }

  async #open({ clientId, options: packed, levels }: Opening): Promise<void> {
    const options = unpack(packed, (id, args, streamName) =>
      this.#ask(id, args, streamName),
    ) as ServiceAccessOptions & { readonly retryCallbacks: RetryCallbacks };
    const logger = this.#makeLogger(levels);
    const access = await ServiceAccess.open({
      ...options,
      credentials: withKeysOnly(options.credentials),
      logger,
    });
    const native = unwrap(binding().attachClient(clientId), 'The client is closed');
    const advisor = new RetryAdvisor(options.retryCallbacks, logger);
    const client = { native, access, advisor, logger };
    this.#client = client;
    for (const message of this.#backlog) this.#do(message, client);
    this.#backlog = [];
  }

  async #prepare(message: Preparation, client: OpenClient): Promise<Prepared> {
    const { call, key, streamName, definition: packed } = message;
    const definition = unpack(packed) as ResolvedDefinition;
    const abort = new AbortController();
    this.#preparations.set(call, abort);
    const access = this.#accessOf(key, streamName, client);
    const onTagError = (error: KinesisVideoError): void => {
      this.#post({ type: 'tagError', call, error: pack(error) });
    };
    try {
      const { signal } = abort;
      const retention = await access.prepareStream(definition, { signal, onTagError });
      return { retention, calls: access.calls.metrics };
    } finally {
      this.#preparations.delete(call);
    }
  }

  #attach(message: Attachment, client: OpenClient): void {
    const { advisor, logger } = client;
    const native = client.native.attachStream(message.streamId);
    // It was closed meanwhile.
    if (typeof native === 'number') return;
    const definition = unpack(message.definition) as ResolvedDefinition;
    const access = this.#accessOf(message.key, definition.streamName, client);
    const runner = new StreamRunner({
      key: message.key,
      native,
      definition,
      flags: new StreamFlags(message.flags),
      connector: access,
      logger,
      advisor,
      calls: access.calls,
      post: this.#post,
    });
    this.#streams.set(message.key, runner);
    if (message.isResumed) runner.resume();
    if (message.isStopping) runner.command('stop');
  }

  #accessOf(key: number, streamName: string, { access }: OpenClient): StreamAccess {
    const known = this.#accesses.get(key);
    if (known !== undefined) return known;
    const made = access.forStream(streamName);
    this.#accesses.set(key, made);
    return made;
  }

  #close(): void {
    for (const stream of this.#streams.values()) stream.command('destroy');
    this.#client?.access.close();
    this.#client?.native.close();
    // Nothing of it is needed any more, whatever is still open.
    setImmediate(() => process.exit());
  }

  /** Calls a function of the program's thread. */
  #ask(id: number, args: readonly unknown[], streamName: string | undefined): Promise<unknown> {
    this.#lastCall += 1;
    const call = this.#lastCall;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#asked.set(call, (outcome) => {
        this.#asked.delete(call);
        if ('value' in outcome) resolve(unpack(outcome.value));
        // What a function of the user has thrown may be anything.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        else reject(unpack(outcome.error));
      });
    });
    this.#post({ type: 'ask', call, id, args: pack(args), streamName });
    return answer;
  }

  async #answer(call: number, work: Promise<unknown>): Promise<void> {
    const outcome = await work.then(
      (value): Outcome => ({ value: pack(value) }),
      (error: unknown): Outcome => ({ error: pack(error) }),
    );
    this.#post({ type: 'answer', call, outcome });
  }

  #makeLogger(levels: readonly LogLevel[]): Logger {
    const methods = levels.map((level) => [
      level,
      (details: LogDetails, message: string): void => {
        this.#post({ type: 'log', level, details: pack(details), message });
      },
    ]);
    return Object.fromEntries(methods) as Logger;
  }
}

/** Providers of the other thread, which are told nothing that stays in this one. */
function withKeysOnly(credentials: CredentialsInput): CredentialsInput {
  if (typeof credentials !== 'function') return credentials;
  const source: CredentialsProvider = credentials;
  const provider: CredentialsProvider = (request) =>
    source(request?.['forceRefresh'] === true ? { forceRefresh: true } : undefined);
  if (source.forStream === undefined) return provider;
  return Object.assign(provider, {
    forStream: (streamName: string) => withKeysOnly(source.forStream?.(streamName)),
  });
}
