import type { KinesisVideoError } from '../internal/errors.js';
import type { Dialer } from '../network/index.js';
import {
  PutMediaConnection,
  type ClockSkew,
  type ControlPlane,
  type CredentialsProvider,
} from '../service/index.js';
import { CallMeter } from './call-meter.js';
import type { StreamConnector } from './stream-connector.js';
import type { ResolvedDefinition } from './stream-definition.js';
import type { MediaConnection } from './transfer.js';
import type { ConnectRequest } from './upload-session.js';

const PUT_MEDIA = 'PUT_MEDIA';

/** What the access of one stream is made of. */
export interface StreamAccessOptions {
  readonly streamName: string;
  readonly controlPlane: ControlPlane;
  readonly region: string;
  readonly credentials: CredentialsProvider;
  readonly clockSkew: ClockSkew;
  readonly dialer: Dialer;
  /** Whether to make no calls but GetDataEndpoint and PutMedia. */
  readonly minimalPermissions: boolean;
  readonly connectTimeout?: number | undefined;
  readonly userAgent?: string | undefined;
  readonly onReleased: () => void;
}

/** What one stream needs of the service: the calls before an upload, and connections for uploads. */
export class StreamAccess implements StreamConnector {
  /** Measures the calls for the stream. */
  readonly calls = new CallMeter();
  readonly #options: StreamAccessOptions;

  constructor(options: StreamAccessOptions) {
    this.#options = options;
  }

  get streamName(): string {
    return this.#options.streamName;
  }

  /**
   * Makes sure that the stream exists and that its data endpoint is known. With the least of
   * permissions the stream is taken for one that exists as the definition says.
   *
   * @returns hours that the service keeps its media
   */
  async prepareStream(
    definition: ResolvedDefinition,
    options: { signal: AbortSignal; onTagError: (error: KinesisVideoError) => void },
  ): Promise<number> {
    const { controlPlane, streamName, minimalPermissions } = this.#options;
    const { contentType: mediaType, ...wanted } = definition;
    const { retentionPeriod } = minimalPermissions
      ? definition
      : await controlPlane.ensureStream({ ...wanted, mediaType }, options);
    await controlPlane.getDataEndpoint(streamName, PUT_MEDIA, options);
    return retentionPeriod;
  }

  async expiration(): Promise<number> {
    const { credentials, clockSkew } = this.#options;
    const { expiration } = await credentials();
    // The core counts by the clock of this machine, the credentials by that of the service.
    return expiration === undefined ? 0 : expiration.getTime() - clockSkew.offset;
  }

  async connect(
    request: ConnectRequest,
  ): Promise<{ connection: MediaConnection; endpoint: string }> {
    const { streamName, signal } = request;
    const { controlPlane, region, credentials, clockSkew, dialer } = this.#options;
    const { connectTimeout, userAgent } = this.#options;
    const endpoint = await controlPlane.getDataEndpoint(streamName, PUT_MEDIA, { signal });
    const started = performance.now();
    try {
      const connection = await PutMediaConnection.open({
        ...request,
        endpoint,
        region,
        credentials,
        clockSkew,
        dialer,
        connectTimeout,
        userAgent,
      });
      return { connection, endpoint };
    } finally {
      this.calls.dataCall(performance.now() - started);
    }
  }

  forgetEndpoint(streamName: string): void {
    this.#options.controlPlane.invalidateDataEndpoint(streamName, PUT_MEDIA);
  }

  /** Gives back what was there for this stream alone. Idempotent. */
  release(): void {
    this.#options.onReleased();
  }
}
