import type * as ArchivedSdk from '@aws-sdk/client-kinesis-video-archived-media';
import type { KinesisVideoArchivedMediaClient } from '@aws-sdk/client-kinesis-video-archived-media';
import type * as MediaSdk from '@aws-sdk/client-kinesis-video-media';
import type { KinesisVideoMediaClient } from '@aws-sdk/client-kinesis-video-media';
import { KinesisVideoError } from '../internal/errors.js';
import { requireModule } from '../internal/require.js';
import type { Logger } from '../logging/index.js';
import {
  ControlPlane,
  malformedAnswer,
  openService,
  SdkClient,
  tellCall,
  type CallAttempt,
  type CredentialsProvider,
  type DataApi,
  type OpenService,
  type SdkConnection,
  type SdkPackage,
  type SendOptions,
  type ServiceOptions,
} from '../service/index.js';

/** Milliseconds for the answer to a call for media to begin: it may have to be made first. */
const DEFAULT_REQUEST_TIMEOUT = 60_000;
const DEFAULT_CONNECT_TIMEOUT = 5000;

/** One call for data of a stream. */
export interface DataCall {
  readonly api: DataApi;
  /** Name of the operation, such as `GetMedia`. */
  readonly operation: string;
  readonly streamName: string;
  readonly signal?: AbortSignal | undefined;
}

/** What runs an operation: gets the package of the SDK, its client and the options of `send()`. */
export type Send<S, C, T> = (sdk: S, client: C, options: SendOptions) => Promise<T>;

const MEDIA: SdkPackage<typeof MediaSdk, KinesisVideoMediaClient> = {
  load: () => requireModule('@aws-sdk/client-kinesis-video-media') as typeof MediaSdk,
  connect: (sdk, config) => new sdk.KinesisVideoMediaClient(config),
};

const ARCHIVED: SdkPackage<typeof ArchivedSdk, KinesisVideoArchivedMediaClient> = {
  load: () => requireModule('@aws-sdk/client-kinesis-video-archived-media') as typeof ArchivedSdk,
  connect: (sdk, config) => new sdk.KinesisVideoArchivedMediaClient(config),
};

/**
 * The operations on the media of streams, in one region, over the AWS SDK, whose packages are loaded on
 * first use. Each operation of each stream has an endpoint of its own, which is asked for and kept.
 */
export class DataPlane {
  readonly #options: ServiceOptions;
  readonly #logger: Logger;
  readonly #media = new Map<string, SdkClient<typeof MediaSdk, KinesisVideoMediaClient>>();
  readonly #archived = new Map<
    string,
    SdkClient<typeof ArchivedSdk, KinesisVideoArchivedMediaClient>
  >();
  readonly #controls = new Map<string, ControlPlane>();
  #service: Promise<OpenService> | undefined;
  #region = '';
  #isClosed = false;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#logger = options.logger ?? {};
  }

  /** Runs an operation of the live media. Rejects as `SdkClient.call` does. */
  media<T>(call: DataCall, send: Send<typeof MediaSdk, KinesisVideoMediaClient, T>): Promise<T> {
    return this.#run(call, MEDIA, this.#media, send);
  }

  /** Runs an operation of the archived media. Rejects as `SdkClient.call` does. */
  archived<T>(
    call: DataCall,
    send: Send<typeof ArchivedSdk, KinesisVideoArchivedMediaClient, T>,
  ): Promise<T> {
    return this.#run(call, ARCHIVED, this.#archived, send);
  }

  /** The error for an answer that is a success but lacks what it should hold. */
  malformed({ operation, streamName }: DataCall, missing: string): KinesisVideoError {
    return malformedAnswer({ operation, streamName, region: this.#region }, missing);
  }

  /** Ends calls in flight, which reject, and closes the connections. Idempotent. */
  close(): void {
    this.#isClosed = true;
    for (const client of [...this.#controls.values(), ...this.#media.values()]) client.close();
    for (const client of this.#archived.values()) client.close();
  }

  async #run<S, C extends SdkConnection, T>(
    call: DataCall,
    sdk: SdkPackage<S, C>,
    clients: Map<string, SdkClient<S, C>>,
    send: Send<S, C, T>,
  ): Promise<T> {
    const { api, operation, streamName, signal } = call;
    signal?.throwIfAborted();
    const service = await this.#open();
    const own = service.credentials.forStream?.(streamName);
    const control = this.#control(service, own === undefined ? '' : streamName, own);
    const attempt = async (): Promise<T> => {
      const endpoint = await control.getDataEndpoint(streamName, api, { signal });
      this.#requireOpen();
      const key = own === undefined ? endpoint : `${endpoint} ${streamName}`;
      let client = clients.get(key);
      if (client === undefined) {
        client = this.#connect(sdk, service, endpoint, own);
        clients.set(key, client);
      }
      const { region } = service;
      return client.call({ operation, region, endpoint, streamName }, send, signal);
    };
    try {
      return await attempt();
    } catch (error) {
      if (signal?.aborted === true || !isAboutEndpoint(error)) throw error;
      // The endpoint may have moved: the next call, here or by the caller, asks for it anew.
      control.invalidateDataEndpoint(streamName, api);
      if (!isStaleEndpoint(error)) throw error;
      return await attempt();
    }
  }

  async #open(): Promise<OpenService> {
    this.#requireOpen();
    this.#service ??= openService(this.#options);
    try {
      const service = await this.#service;
      this.#requireOpen();
      this.#region = service.region;
      return service;
    } catch (error) {
      // The next call may find the environment set right.
      this.#service = undefined;
      throw error;
    }
  }

  /** The control plane for a stream with credentials of its own, or for all others. */
  #control(service: OpenService, key: string, own: CredentialsProvider | undefined): ControlPlane {
    const { dataEndpoint, connectTimeout, requestTimeout, userAgent } = this.#options;
    let control = this.#controls.get(key);
    if (control === undefined) {
      control = new ControlPlane({
        ...service,
        credentials: own ?? service.credentials,
        dataEndpoint,
        connectTimeout,
        requestTimeout,
        userAgent,
        onAttempt: this.#tell,
      });
      this.#controls.set(key, control);
    }
    return control;
  }

  #connect<S, C extends SdkConnection>(
    sdk: SdkPackage<S, C>,
    service: OpenService,
    endpoint: string,
    own: CredentialsProvider | undefined,
  ): SdkClient<S, C> {
    const { userAgent } = this.#options;
    const { connectTimeout = DEFAULT_CONNECT_TIMEOUT } = this.#options;
    const { requestTimeout = DEFAULT_REQUEST_TIMEOUT } = this.#options;
    return new SdkClient({
      package: sdk,
      region: service.region,
      credentials: own ?? service.credentials,
      endpoint: () => Promise.resolve(endpoint),
      dialer: service.dialer,
      connectTimeout,
      requestTimeout,
      clockSkew: service.clockSkew,
      userAgent,
      onAttempt: this.#tell,
    });
  }

  readonly #tell = (attempt: CallAttempt): void => {
    tellCall(this.#logger, attempt);
  };

  #requireOpen(): void {
    if (!this.#isClosed) return;
    const advice = 'make a new one';
    throw new KinesisVideoError('STATUS_INVALID_OPERATION', `The consumer is closed: ${advice}.`, {
      advice,
    });
  }
}

/** Whether a failure can come from an endpoint that serves the stream no longer. */
function isAboutEndpoint(error: unknown): boolean {
  if (!(error instanceof KinesisVideoError)) return false;
  const { httpStatus, errorType } = error.values;
  return httpStatus === undefined || errorType === 'InvalidEndpointException';
}

function isStaleEndpoint(error: unknown): boolean {
  return (
    error instanceof KinesisVideoError && error.values['errorType'] === 'InvalidEndpointException'
  );
}
