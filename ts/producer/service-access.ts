import {
  credentialChain,
  resolveCredentials,
  type CredentialsInput,
  type IotCertificateOptions,
} from '../credentials/index.js';
import type { Logger } from '../logging/index.js';
import {
  Dialer,
  type AddressFamily,
  type CertificateAuthority,
  type DialerOptions,
  type ProxyOption,
} from '../network/index.js';
import {
  ClockSkew,
  ControlPlane,
  correctedByService,
  resolveControlEndpoint,
  resolveRegion,
  type CredentialsProvider,
} from '../service/index.js';
import { tellCall } from './journal.js';
import { StreamAccess } from './stream-access.js';

/** How to reach the service. */
export interface ServiceAccessOptions {
  readonly region?: string | undefined;
  readonly credentials?: CredentialsInput;
  readonly iotCertificate?: string | IotCertificateOptions | undefined;
  readonly credentialFile?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly useDualstackEndpoint?: boolean | undefined;
  readonly useFipsEndpoint?: boolean | undefined;
  readonly dataEndpoint?: string | undefined;
  readonly minimalPermissions?: boolean | undefined;
  readonly addressFamily?: AddressFamily | undefined;
  readonly ca?: CertificateAuthority | undefined;
  readonly proxy?: ProxyOption | undefined;
  readonly connectTimeout?: number | undefined;
  readonly requestTimeout?: number | undefined;
  readonly userAgent?: string | undefined;
  readonly logger?: Logger | undefined;
}

/** Where the service is. */
interface Place {
  readonly region: string;
  readonly endpoint: string;
}

/** What a client has of the service; its streams get their access to it here. */
export class ServiceAccess {
  readonly #options: ServiceAccessOptions;
  readonly #region: string;
  readonly #endpoint: string;
  readonly #dialer: Dialer;
  readonly #credentials: CredentialsProvider;
  readonly #clockSkew = new ClockSkew();
  readonly #streams = new Set<StreamAccess>();
  /** For all streams, unless each has credentials of its own. */
  #shared: ControlPlane | undefined;

  private constructor(options: ServiceAccessOptions, place: Place, dialer: Dialer) {
    this.#options = options;
    this.#region = place.region;
    this.#endpoint = place.endpoint;
    this.#dialer = dialer;
    const { endpoint } = place;
    const clockSkew = this.#clockSkew;
    const network = pathOf(options);
    const credentials = resolveCredentials(sourceOf(options), { clock: clockSkew, network });
    this.#credentials = correctedByService(credentials, { endpoint, dialer, clockSkew });
  }

  /** Finds out the region and the endpoint, and prepares the rest; no call is made yet. */
  static async open(options: ServiceAccessOptions): Promise<ServiceAccess> {
    const dialer = new Dialer(options);
    await dialer.prepare();
    const region = await resolveRegion(options.region);
    const endpoint = await resolveControlEndpoint(region, options);
    return new ServiceAccess(options, { region, endpoint }, dialer);
  }

  /** The access of one stream. It is to be released when the stream has ended, or was not made. */
  forStream(streamName: string): StreamAccess {
    const own = this.#credentials.forStream?.(streamName);
    const controlPlane = own === undefined ? (this.#shared ??= this.#open()) : this.#open(own);
    const access = new StreamAccess({
      minimalPermissions: this.#options.minimalPermissions ?? false,
      connectTimeout: this.#options.connectTimeout,
      userAgent: this.#options.userAgent,
      dialer: this.#dialer,
      streamName,
      controlPlane,
      region: this.#region,
      credentials: own ?? this.#credentials,
      clockSkew: this.#clockSkew,
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

  #open(credentials = this.#credentials): ControlPlane {
    const { dataEndpoint, connectTimeout, requestTimeout } = this.#options;
    const { userAgent, logger = {} } = this.#options;
    return new ControlPlane({
      endpoint: this.#endpoint,
      dataEndpoint,
      dialer: this.#dialer,
      connectTimeout,
      requestTimeout,
      userAgent,
      region: this.#region,
      credentials,
      clockSkew: this.#clockSkew,
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

/** The source of credentials that the options of a client name; they do not name two. */
function sourceOf(options: ServiceAccessOptions): CredentialsInput {
  const { credentials, iotCertificate, credentialFile } = options;
  if (iotCertificate === undefined && credentialFile === undefined) return credentials;
  return credentialChain({ iotCertificate, credentialFile });
}

/** How connections are made, for what is not the service itself. */
function pathOf(options: ServiceAccessOptions): DialerOptions {
  const { addressFamily, ca, proxy } = options;
  return { addressFamily, ca, proxy };
}
