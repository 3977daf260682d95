import { resolveCredentials, type CredentialsInput } from '../credentials/index.js';
import type { KinesisVideoError } from '../internal/errors.js';
import type { Logger } from '../logging/index.js';
import {
  Dialer,
  type AddressFamily,
  type CertificateAuthority,
  type ProxyOption,
} from '../network/index.js';
import {
  ClockSkew,
  ControlPlane,
  PutMediaConnection,
  resolveRegion,
  type CredentialsProvider,
} from '../service/index.js';
import type { ResolvedDefinition } from './stream-definition.js';
import { CallMeter } from './call-meter.js';
import { tellCall } from './journal.js';
import type { MediaConnection } from './transfer.js';
import type { StreamConnector } from './stream-connector.js';
import type { ConnectRequest } from './upload-session.js';

const PUT_MEDIA = 'PUT_MEDIA';

/** How to reach the service. */
export interface ServiceAccessOptions {
  readonly region?: string | undefined;
  readonly credentials?: CredentialsInput;
  readonly endpoint?: string | undefined;
  readonly addressFamily?: AddressFamily | undefined;
  readonly ca?: CertificateAuthority | undefined;
  readonly proxy?: ProxyOption | undefined;
  readonly connectTimeout?: number | undefined;
  readonly requestTimeout?: number | undefined;
  readonly userAgent?: string | undefined;
  readonly logger?: Logger | undefined;
}

/** What a client needs of the service: the calls before an upload, and connections for uploads. */
export class ServiceAccess implements StreamConnector {
  readonly #options: ServiceAccessOptions;
  readonly #region: string;
  readonly #dialer: Dialer;
  readonly #credentials: CredentialsProvider;
  readonly #clockSkew = new ClockSkew();
  readonly #controlPlane: ControlPlane;
  readonly #meters = new Map<string, CallMeter>();

  private constructor(options: ServiceAccessOptions, region: string, dialer: Dialer) {
    this.#options = options;
    this.#region = region;
    this.#dialer = dialer;
    this.#credentials = resolveCredentials(options.credentials);
    const { endpoint, connectTimeout, requestTimeout, userAgent } = options;
    this.#controlPlane = new ControlPlane({
      endpoint,
      dialer,
      connectTimeout,
      requestTimeout,
      userAgent,
      region,
      credentials: this.#credentials,
      clockSkew: this.#clockSkew,
      onAttempt: (attempt) => {
        const meter = this.#meters.get(attempt.streamName ?? '');
        meter?.controlCall(attempt.duration);
        if (attempt.isRetry) meter?.retry();
        tellCall(options.logger ?? {}, attempt);
      },
    });
  }

  /** What measures the calls for a stream, from the first call of this on. */
  meterOf(streamName: string): CallMeter {
    const known = this.#meters.get(streamName);
    if (known !== undefined) return known;
    const meter = new CallMeter();
    this.#meters.set(streamName, meter);
    return meter;
  }

  /** Forgets what was measured for a stream that is closed. */
  forgetMeter(streamName: string): void {
    this.#meters.delete(streamName);
  }

  /** Finds out the region and prepares the rest; no call is made yet. */
  static async open(options: ServiceAccessOptions): Promise<ServiceAccess> {
    const dialer = new Dialer(options);
    await dialer.prepare();
    return new ServiceAccess(options, await resolveRegion(options.region), dialer);
  }

  async prepareStream(
    definition: ResolvedDefinition,
    options: { signal: AbortSignal; onTagError: (error: KinesisVideoError) => void },
  ): Promise<number> {
    const { contentType: mediaType, ...wanted } = definition;
    const info = await this.#controlPlane.ensureStream({ ...wanted, mediaType }, options);
    await this.#controlPlane.getDataEndpoint(definition.streamName, PUT_MEDIA, options);
    return info.retentionPeriod;
  }

  async expiration(): Promise<number> {
    const { expiration } = await this.#credentials();
    // The core counts by the clock of this machine, the credentials by that of the service.
    return expiration === undefined ? 0 : expiration.getTime() - this.#clockSkew.offset;
  }

  async connect(
    request: ConnectRequest,
  ): Promise<{ connection: MediaConnection; endpoint: string }> {
    const { streamName, signal } = request;
    const { connectTimeout, userAgent } = this.#options;
    const endpoint = await this.#controlPlane.getDataEndpoint(streamName, PUT_MEDIA, { signal });
    const started = performance.now();
    try {
      const connection = await PutMediaConnection.open({
        ...request,
        endpoint,
        region: this.#region,
        credentials: this.#credentials,
        clockSkew: this.#clockSkew,
        dialer: this.#dialer,
        connectTimeout,
        userAgent,
      });
      return { connection, endpoint };
    } finally {
      this.meterOf(streamName).dataCall(performance.now() - started);
    }
  }

  forgetEndpoint(streamName: string): void {
    this.#controlPlane.invalidateDataEndpoint(streamName, PUT_MEDIA);
  }

  /** Ends calls in flight and closes the connections of the control plane. */
  close(): void {
    this.#controlPlane.close();
  }
}
