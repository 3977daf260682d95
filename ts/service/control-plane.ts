import type * as KinesisVideoSdk from '@aws-sdk/client-kinesis-video';
import type { APIName, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import type { CredentialsProvider } from '../credentials/index.js';
import { requireModule } from '../internal/require.js';
import { Dialer } from '../network/index.js';
import { ClockSkew } from './clock-skew.js';
import { resolveControlEndpoint } from './control-endpoint.js';
import { EndpointCache } from './endpoint-cache.js';
import { checkEndpointLength, checkRegion, isEndpoint, parseEndpoint } from './endpoints.js';
import {
  ensureStream,
  missingStream,
  type EnsureStreamOptions,
  type StreamDefinition,
} from './ensure-stream.js';
import { SdkClient, type SdkPackage } from './sdk-client.js';
import type { CallAttempt, ServiceCall } from './service-call.js';
import { malformedAnswer } from './service-error.js';
import { checkLengths, toStreamInfo, type StreamInfo } from './stream-info.js';

/** The APIs that have a data endpoint of their own. */
export type DataApi = APIName;

const CONTROL_SDK: SdkPackage<typeof KinesisVideoSdk, KinesisVideoClient> = {
  load: () => requireModule('@aws-sdk/client-kinesis-video') as typeof KinesisVideoSdk,
  connect: (sdk, config) => new sdk.KinesisVideoClient(config),
};

/** How to reach the control plane. */
export interface ControlPlaneOptions {
  /** AWS region, such as `us-west-2`. */
  readonly region: string;
  /** Source of credentials, see `resolveCredentials`. */
  readonly credentials: CredentialsProvider;
  /** URL, http or https; default is what the environment, the profile and the region say. */
  readonly endpoint?: string | undefined;
  /** URL of the data endpoints of all streams, so that none is asked for. */
  readonly dataEndpoint?: string | undefined;
  /** Milliseconds for one call, its retries included; default 10 000. */
  readonly requestTimeout?: number | undefined;
  /** Milliseconds for a connection to be made; default 5000. */
  readonly connectTimeout?: number | undefined;
  /** Makes the connections; default by the environment. Share it with PutMedia. */
  readonly dialer?: Dialer | undefined;
  /** Where to keep what is learned about the clock of this machine; share it with PutMedia. */
  readonly clockSkew?: ClockSkew | undefined;
  /** Text to add to the `User-Agent` header. */
  readonly userAgent?: string | undefined;
  /** Told of each attempt of a call that has ended: how long it took, and whether it was a repetition. */
  readonly onAttempt?: ((attempt: CallAttempt) => void) | undefined;
}

/** What every call accepts. */
export interface CallOptions {
  /** Ends the call; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Which streams to list. */
export interface ListStreamsOptions extends CallOptions {
  /** Only streams whose name begins with this. */
  readonly prefix?: string | undefined;
}

/**
 * The control plane of the service in one region, over the AWS SDK, which is loaded on first use.
 * All methods reject with a `KinesisVideoError` that names the stream, what the service said and
 * the remedy; transient failures are tried again until `requestTimeout` has passed.
 */
export class ControlPlane {
  readonly #client: SdkClient<typeof KinesisVideoSdk, KinesisVideoClient>;
  readonly #endpoints = new EndpointCache();
  readonly #region: string;
  readonly #dataEndpoint: string | undefined;
  /** URL of the control plane, once it is known. */
  #endpoint: string | undefined;

  /** @throws KinesisVideoError STATUS_INVALID_ARG when the region or the endpoint is unusable */
  constructor(options: ControlPlaneOptions) {
    const {
      region,
      credentials,
      endpoint,
      dataEndpoint,
      dialer = new Dialer(),
      userAgent,
    } = options;
    const { requestTimeout = 10_000, connectTimeout = 5000, clockSkew = new ClockSkew() } = options;
    checkRegion(region);
    if (endpoint !== undefined) parseEndpoint(endpoint, 'endpoint');
    if (dataEndpoint !== undefined) parseEndpoint(dataEndpoint, 'dataEndpoint');
    this.#dataEndpoint = dataEndpoint;
    this.#region = region;
    this.#endpoint = endpoint;
    this.#client = new SdkClient({
      package: CONTROL_SDK,
      region,
      credentials,
      endpoint: async () => {
        this.#endpoint ??= await resolveControlEndpoint(region, {});
        return this.#endpoint;
      },
      dialer,
      connectTimeout,
      requestTimeout,
      clockSkew,
      userAgent,
      onAttempt: options.onAttempt,
    });
  }

  /** Describes a stream; undefined when it does not exist. */
  async describeStream(
    streamName: string,
    options: CallOptions = {},
  ): Promise<StreamInfo | undefined> {
    const call = this.#call('DescribeStream', streamName);
    const answer = await this.#client.call(
      call,
      async (sdk, client, send) => {
        try {
          return await client.send(new sdk.DescribeStreamCommand({ StreamName: streamName }), send);
        } catch (error) {
          if (error instanceof sdk.ResourceNotFoundException) return undefined;
          throw error;
        }
      },
      options.signal,
    );
    if (answer === undefined) return undefined;
    const info = toStreamInfo(answer.StreamInfo);
    if (info === undefined) throw malformedAnswer(call, 'StreamInfo');
    checkLengths(call, info);
    return info;
  }

  /**
   * Makes sure that a stream can be written to: describes it, creates it when it is missing and
   * `allowStreamCreation` is true, waits until it is `ACTIVE`, and tags it.
   */
  async ensureStream(
    definition: StreamDefinition,
    options: EnsureStreamOptions = {},
  ): Promise<StreamInfo> {
    return ensureStream(this, this.#region, definition, options);
  }

  /**
   * The endpoint that serves an API of a stream. It is kept for 40 minutes, and callers at the same
   * time share one request.
   */
  async getDataEndpoint(
    streamName: string,
    api: DataApi,
    options: CallOptions = {},
  ): Promise<string> {
    if (this.#dataEndpoint !== undefined) return this.#dataEndpoint;
    const call = this.#call('GetDataEndpoint', streamName);
    const ask = async (): Promise<string> => {
      const answer = await this.#client.call(call, (sdk, client, send) =>
        client.send(new sdk.GetDataEndpointCommand({ StreamName: streamName, APIName: api }), send),
      );
      if (!answer.DataEndpoint) throw malformedAnswer(call, 'DataEndpoint');
      checkEndpointLength(answer.DataEndpoint, 'the data endpoint');
      if (!isEndpoint(answer.DataEndpoint)) throw malformedAnswer(call, 'usable DataEndpoint');
      return answer.DataEndpoint;
    };
    return this.#endpoints.get(`${streamName} ${api}`, ask, options.signal);
  }

  /** Forgets a data endpoint, after it has failed, so that the next call asks for it anew. */
  invalidateDataEndpoint(streamName: string, api: DataApi): void {
    this.#endpoints.delete(`${streamName} ${api}`);
  }

  /** Creates a stream, with its tags, and returns its ARN; it is not yet `ACTIVE` then. */
  async createStream(
    definition: Omit<StreamDefinition, 'allowStreamCreation'>,
    options: CallOptions = {},
  ): Promise<string> {
    const { streamName, retentionPeriod, mediaType, kmsKeyId, deviceName, tags } = definition;
    const input = {
      StreamName: streamName,
      DataRetentionInHours: retentionPeriod,
      MediaType: mediaType,
      KmsKeyId: kmsKeyId,
      DeviceName: deviceName,
      Tags: tags && Object.keys(tags).length > 0 ? { ...tags } : undefined,
    };
    const call = this.#call('CreateStream', streamName);
    const answer = await this.#client.call(
      call,
      (sdk, client, send) => client.send(new sdk.CreateStreamCommand(input), send),
      options.signal,
    );
    if (!answer.StreamARN) throw malformedAnswer(call, 'StreamARN');
    return answer.StreamARN;
  }

  /** Deletes a stream and its data. The service takes a while; the data is inaccessible at once. */
  async deleteStream(streamName: string, options: CallOptions = {}): Promise<void> {
    const info = await this.describeStream(streamName, options);
    if (info === undefined) throw missingStream('DeleteStream', this.#region, streamName);
    // The ARN guards against deleting a newer stream of the same name.
    const input = { StreamARN: info.streamArn, CurrentVersion: info.version || undefined };
    await this.#client.call(
      this.#call('DeleteStream', streamName),
      (sdk, client, send) => client.send(new sdk.DeleteStreamCommand(input), send),
      options.signal,
    );
  }

  /** Adds tags to a stream or changes their values; at most 50 tags. */
  async tagStream(
    streamName: string,
    tags: Readonly<Record<string, string>>,
    options: CallOptions = {},
  ): Promise<void> {
    const input = { StreamName: streamName, Tags: { ...tags } };
    await this.#client.call(
      this.#call('TagStream', streamName),
      (sdk, client, send) => client.send(new sdk.TagStreamCommand(input), send),
      options.signal,
    );
  }

  /** Lists the streams of the region, page by page as they are consumed. */
  async *listStreams(options: ListStreamsOptions = {}): AsyncGenerator<StreamInfo, void, void> {
    const { prefix, signal } = options;
    const condition = prefix
      ? { ComparisonOperator: 'BEGINS_WITH' as const, ComparisonValue: prefix }
      : undefined;
    let next: string | undefined;
    do {
      const input = { MaxResults: 1000, NextToken: next, StreamNameCondition: condition };
      const page = await this.#client.call(
        this.#call('ListStreams'),
        (sdk, client, send) => client.send(new sdk.ListStreamsCommand(input), send),
        signal,
      );
      for (const item of page.StreamInfoList ?? []) {
        const info = toStreamInfo(item);
        if (info !== undefined) yield info;
      }
      next = page.NextToken;
    } while (next);
  }

  /** Ends calls in flight, which reject, and closes the connections. Idempotent. */
  close(): void {
    this.#endpoints.clear();
    this.#client.close();
  }

  #call(operation: string, streamName?: string): ServiceCall {
    return { operation, region: this.#region, endpoint: this.#endpoint, streamName };
  }
}
