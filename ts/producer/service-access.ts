import {
  ControlPlane,
  openService,
  tellCall,
  type OpenService,
  type ServiceOptions,
} from '../service/index.js';
import { StreamAccess } from './stream-access.js';

/** How to reach the service. */
export interface ServiceAccessOptions extends ServiceOptions {
  readonly minimalPermissions?: boolean | undefined;
}

/** What a client has of the service; its streams get their access to it here. */
export class ServiceAccess {
  readonly #options: ServiceAccessOptions;
  readonly #service: OpenService;
  readonly #streams = new Set<StreamAccess>();
  /** For all streams, unless each has credentials of its own. */
  #shared: ControlPlane | undefined;

  private constructor(options: ServiceAccessOptions, service: OpenService) {
    this.#options = options;
    this.#service = service;
  }

  /** Finds out the region and the endpoint, and prepares the rest; no call is made yet. */
  static async open(options: ServiceAccessOptions): Promise<ServiceAccess> {
    return new ServiceAccess(options, await openService(options));
  }

  /** The access of one stream. It is to be released when the stream has ended, or was not made. */
  forStream(streamName: string): StreamAccess {
    const { region, dialer, credentials, clockSkew } = this.#service;
    const own = credentials.forStream?.(streamName);
    const controlPlane = own === undefined ? (this.#shared ??= this.#open()) : this.#open(own);
    const access = new StreamAccess({
      minimalPermissions: this.#options.minimalPermissions ?? false,
      connectTimeout: this.#options.connectTimeout,
      userAgent: this.#options.userAgent,
      dialer,
      streamName,
      controlPlane,
      region,
      credentials: own ?? credentials,
      clockSkew,
      onReleased: () => {
        this.#streams.delete(access);
        if (own !== undefined) controlPlane.close();
      },
    });
    this.#streams.add(access);
    return access;
  }

  /** Ends calls in flight and closes the connections of the control plane. */
  close(): void {
    this.#shared?.close();
    for (const stream of this.#streams) stream.release();
  }

  #open(credentials = this.#service.credentials): ControlPlane {
    const { region, endpoint, dialer, clockSkew } = this.#service;
    const { dataEndpoint, connectTimeout, requestTimeout } = this.#options;
    const { userAgent, logger = {} } = this.#options;
    return new ControlPlane({
      endpoint,
      dataEndpoint,
      dialer,
      connectTimeout,
      requestTimeout,
      userAgent,
      region,
      credentials,
      clockSkew,
      onAttempt: (attempt) => {
        for (const stream of this.#streams) {
          if (stream.streamName !== attempt.streamName) continue;
          stream.calls.controlCall(attempt.duration);
          if (attempt.isRetry) stream.calls.retry();
        }
        tellCall(logger, attempt);
      },
    });
  }
}
