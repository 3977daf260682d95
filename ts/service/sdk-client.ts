import type { KinesisVideoClientConfig } from '@aws-sdk/client-kinesis-video';
import type { AwsCredentialIdentity } from '@smithy/types';
import type { CredentialsProvider } from '../credentials/index.js';
import { KinesisVideoError } from '../internal/errors.js';
import { dialingAgents, type Dialer } from '../network/index.js';
import { abortable, delay, mergeSignals } from '../internal/signal.js';
import { backoffDelay } from '../internal/backoff.js';
import type { ClockSkew } from './clock-skew.js';
import { isRefusedIdentity } from './error-rules.js';
import { retryAfterOf } from './retry-after.js';
import { sdkError, sdkFailure } from './sdk-error.js';
import type { CallAttempt, ServiceCall } from './service-call.js';

/** How clients of the SDK are configured, whichever of its packages they are from. */
export type SdkConfig = Pick<
  KinesisVideoClientConfig,
  | 'credentials'
  | 'customUserAgent'
  | 'endpoint'
  | 'maxAttempts'
  | 'region'
  | 'requestHandler'
  | 'useDualstackEndpoint'
  | 'useFipsEndpoint'
>;

/** A client of the SDK, as far as all of them are alike. */
export interface SdkConnection {
  readonly config: { systemClockOffset: number };
  destroy(): void;
}

/** A package of the SDK, which takes a tenth of a second to load and is loaded on first use. */
export interface SdkPackage<S, C extends SdkConnection> {
  load(): S;
  /** Makes its client. */
  connect(sdk: S, config: SdkConfig): C;
}

/** What an `SdkClient` is made of. */
export interface SdkClientOptions<S, C extends SdkConnection> {
  readonly package: SdkPackage<S, C>;
  readonly region: string;
  readonly credentials: CredentialsProvider;
  /** Finds out the URL to call; asked on first use. */
  readonly endpoint: () => Promise<string>;
  /** Makes the connections. */
  readonly dialer: Dialer;
  /** Milliseconds for a connection to be made. */
  readonly connectTimeout: number;
  /** Milliseconds until the answer to a call begins, retries included. */
  readonly requestTimeout: number;
  readonly clockSkew: ClockSkew;
  readonly userAgent?: string | undefined;
  /** Told of each attempt that has ended. */
  readonly onAttempt?: ((attempt: CallAttempt) => void) | undefined;
}

/** What the SDK's `send()` is told besides the command. */
export interface SendOptions {
  readonly abortSignal: AbortSignal;
  readonly requestTimeout: number;
}

const MAX_ATTEMPTS = 3;

/** Failures that a repetition within the same call can mend. */
const TRANSIENT = new Set([
  'STATUS_SERVICE_CALL_UNKNOWN_ERROR',
  'STATUS_SERVICE_CALL_TIMEOUT_ERROR',
  'STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR',
]);

/**
 * The SDK's client with the retries that a device needs: the SDK tries each connection anew for
 * its full time, so that an endpoint that swallows packets takes 15 s and more to fail. Here a
 * call has one deadline for all its attempts.
 */
export class SdkClient<S, C extends SdkConnection> {
  readonly #options: SdkClientOptions<S, C>;
  readonly #closed = new AbortController();
  #loading: Promise<{ sdk: S; client: C }> | undefined;
  #identity: AwsCredentialIdentity | undefined;

  constructor(options: SdkClientOptions<S, C>) {
    this.#options = options;
  }

  /**
   * Runs one operation: `send` gets the SDK, the client and the options of its `send()`. Rejects
   * with a `KinesisVideoError`, or with the signal's reason.
   */
  async call<T>(
    call: ServiceCall,
    send: (sdk: S, client: C, options: SendOptions) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const stop = mergeSignals(signal, this.#closed.signal);
    try {
      stop.signal.throwIfAborted();
      const { sdk, client } = await abortable((this.#loading ??= this.#load()), stop.signal);
      return await this.#attempt(
        call,
        client,
        (options) => send(sdk, client, options),
        stop.signal,
      );
    } finally {
      stop.release();
    }
  }

  /** Ends all calls in flight, which reject, and closes the connections. Later calls reject. */
  close(): void {
    if (this.#closed.signal.aborted) return;
    const advice = 'make a new one';
    this.#closed.abort(
      new KinesisVideoError('STATUS_INVALID_OPERATION', `The client is closed: ${advice}.`, {
        advice,
      }),
    );
    this.#loading?.then(
      ({ client }) => {
        client.destroy();
      },
      () => undefined,
    );
  }

  /** Tries until success, a failure that stays, the third attempt or the deadline. */
  async #attempt<T>(
    call: ServiceCall,
    client: C,
    send: (options: SendOptions) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const { requestTimeout, clockSkew, onAttempt } = this.#options;
    const deadline = performance.now() + requestTimeout;
    for (let retry = 0; ; retry += 1) {
      const { offset } = clockSkew;
      client.config.systemClockOffset = offset;
      const started = performance.now();
      const tell = (outcome: { readonly error?: unknown }): void => {
        const duration = performance.now() - started;
        onAttempt?.({ ...call, duration, isRetry: retry > 0, ...outcome });
      };
      try {
        // A connection that was kept alive may be dead without a word: the first attempts must leave
        // time for one that makes its own.
        const share = retry + 1 < MAX_ATTEMPTS ? requestTimeout / MAX_ATTEMPTS : Infinity;
        const limit = Math.max(1, Math.ceil(Math.min(share, deadline - performance.now())));
        const work = send({ abortSignal: signal, requestTimeout: limit });
        const answer = await abortable(work, signal);
        tell({});
        return answer;
      } catch (error) {
        if (signal.aborted) tell({ error: signal.reason });
        signal.throwIfAborted();
        const { failure, again } = this.#judge(call, error);
        tell({ error: failure });
        const pause = Math.max(backoffDelay(retry), retryAfterOf(failure));
        const isLast = !again || retry + 1 >= MAX_ATTEMPTS || performance.now() + pause >= deadline;
        if (isLast) throw failure;
        await delay(pause, signal);
      } finally {
        // What is still the old offset says nothing about a clock that was set meanwhile.
        const { systemClockOffset } = client.config;
        if (systemClockOffset !== offset) clockSkew.adopt(systemClockOffset);
      }
    }
  }

  async #load(): Promise<{ sdk: S; client: C }> {
    try {
      const sdk = this.#options.package.load();
      const endpoint = await this.#options.endpoint();
      return { sdk, client: this.#options.package.connect(sdk, this.#config(endpoint)) };
    } catch (error) {
      // The next call may find the environment set right.
      this.#loading = undefined;
      throw error;
    }
  }

  #config(endpoint: string): SdkConfig {
    const { region, credentials, dialer, connectTimeout, userAgent } = this.#options;
    // `memoized` keeps the SDK from putting a cache of its own, which cannot be invalidated,
    // around a provider that has one.
    const provider = Object.assign(
      async (request?: Record<string, unknown>) => {
        this.#identity = await credentials(request);
        return this.#identity;
      },
      { memoized: true },
    );
    return {
      region,
      credentials: provider,
      maxAttempts: 1,
      requestHandler: { throwOnRequestTimeout: true, ...dialingAgents(dialer, connectTimeout) },
      endpoint,
      // The endpoint is the whole answer; beside it, flags of the environment would be an error.
      useDualstackEndpoint: false,
      useFipsEndpoint: false,
      ...(userAgent !== undefined && { customUserAgent: userAgent }),
    };
  }

  /** The error to report, and whether to try again within the same call. */
  #judge(call: ServiceCall, error: unknown): { failure: KinesisVideoError; again: boolean } {
    if (error instanceof KinesisVideoError) return { failure: error, again: false };
    const { credentials: provider } = this.#options;
    const signer = this.#identity && { identity: this.#identity, provider };
    const failure = sdkError(call, error, signer);
    const answer = sdkFailure(error);
    const mended = answer !== undefined && (isRefusedIdentity(answer) || answer.skewCorrected);
    return { failure, again: failure.retryable && (mended || TRANSIENT.has(failure.code)) };
  }
}
