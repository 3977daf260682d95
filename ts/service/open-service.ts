import {
  credentialChain,
  resolveCredentials,
  type CredentialsInput,
  type CredentialsProvider,
} from '../credentials/index.js';
import { Dialer } from '../network/index.js';
import { ClockSkew } from './clock-skew.js';
import { resolveControlEndpoint } from './control-endpoint.js';
import { resolveRegion } from './endpoints.js';
import type { ServiceOptions } from './service-options.js';
import { correctedByService } from './service-time.js';

/** The service as a client reaches it. */
export interface OpenService {
  readonly region: string;
  /** URL of the control plane. */
  readonly endpoint: string;
  readonly dialer: Dialer;
  readonly credentials: CredentialsProvider;
  readonly clockSkew: ClockSkew;
}

/** Finds out the region and the endpoint, and prepares the rest; no call is made yet. */
export async function openService(options: ServiceOptions): Promise<OpenService> {
  const dialer = new Dialer(options);
  await dialer.prepare();
  const region = await resolveRegion(options.region);
  const endpoint = await resolveControlEndpoint(region, options);
  const clockSkew = new ClockSkew();
  const { addressFamily, ca, proxy } = options;
  // How connections are made, for what is not the service itself.
  const network = { addressFamily, ca, proxy };
  const credentials = resolveCredentials(sourceOf(options), { clock: clockSkew, network });
  return {
    region,
    endpoint,
    dialer,
    credentials: correctedByService(credentials, { endpoint, dialer, clockSkew }),
    clockSkew,
  };
}

/** The source of credentials that the options of a client name; they do not name two. */
function sourceOf(options: ServiceOptions): CredentialsInput {
  const { credentials, iotCertificate, credentialFile } = options;
  if (iotCertificate === undefined && credentialFile === undefined) return credentials;
  return credentialChain({ iotCertificate, credentialFile });
}
