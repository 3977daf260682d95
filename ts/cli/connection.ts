import { KinesisVideoError } from '../internal/errors.js';
import {
  credentialChain,
  parseIotCertificate,
  resolveCredentials,
  type CredentialsInput,
  type CredentialsProvider,
} from '../credentials/index.js';
import { isLoopback, parseProxy, readCertificates, type DialerOptions } from '../network/index.js';
import { flag, text, value } from './options.js';
import { UsageError } from './usage-error.js';

/** The options that say which service to talk to. */
export const CONNECTION_OPTIONS = {
  region: value('REGION', 'AWS region (default: AWS_REGION, then that of the profile)', text),
  endpoint: value('URL', 'use this endpoint, such as that of `kvs local`, not AWS', endpointUrl),
  dualStack: flag('use the endpoint of the region that has IPv6 besides IPv4'),
  fips: flag('use the endpoint of the region with FIPS-validated cryptography'),
  ca: value(
    'PATH',
    'trust the certificates in this PEM file or folder, not the built-in ones',
    text,
  ),
  proxy: value('URL', 'connect through this HTTP proxy (default: HTTPS_PROXY)', proxyUrl),
  ipv4: flag('connect to IPv4 addresses only'),
  ipv6: flag('connect to IPv6 addresses only'),
  iotCertificate: value(
    'TEXT',
    'use this certificate of AWS IoT: iot-certificate,endpoint=… as for kvssink',
    iotCertificate,
  ),
  credentialFile: value('FILE', 'use the keys in FILE: CREDENTIALS key secret', text),
};

/** What those options are read into. */
export interface ConnectionOptions {
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly dualStack: boolean;
  readonly fips: boolean;
  readonly ca: string | undefined;
  readonly proxy: string | undefined;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly iotCertificate: string | undefined;
  readonly credentialFile: string | undefined;
}

/** Which service to talk to, and as whom. */
export interface Connection {
  readonly region: string;
  readonly endpoint: string;
  /** Undefined for the default chain of the AWS SDK. */
  readonly credentials: CredentialsInput;
  /** How to connect. */
  readonly network: DialerOptions;
  /** Whether the well-known key pair of the local endpoint is used. */
  readonly usesLocalKeys: boolean;
}

/** The key pair that `kvs local` accepts. */
export const LOCAL_KEYS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/** The region of `kvs local` when the environment names none. */
export const LOCAL_REGION = 'us-west-2';

/** Each of these tells the AWS SDK where credentials are. */
const CREDENTIAL_VARIABLES = [
  'AWS_ACCESS_KEY_ID',
  'AWS_PROFILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
];

/**
 * Finds out region, endpoint and credentials from the options and the environment.
 *
 * An endpoint on this machine without credentials in the environment is taken for `kvs local`, with
 * its key pair: the default chain would ask the metadata service of a cloud that is not there.
 *
 * @throws KinesisVideoError when no region is known or the file of `--ca` cannot be read
 */
export async function resolveConnection(options: ConnectionOptions): Promise<Connection> {
  const endpoint = options.endpoint ?? (await endpointOfConfiguration());
  if (endpoint !== undefined && (options.dualStack || options.fips)) {
    const flag = options.dualStack ? '--dual-stack' : '--fips';
    throw new UsageError(`${flag} has no effect with the endpoint ${endpoint}`);
  }
  const isLocal = endpoint !== undefined && isLoopbackUrl(endpoint);
  const { iotCertificate, credentialFile } = options;
  const isNamed = iotCertificate !== undefined || credentialFile !== undefined;
  const isSet = CREDENTIAL_VARIABLES.some((name) => process.env[name]);
  const usesLocalKeys = isLocal && !isNamed && !isSet;
  const named = isNamed ? credentialChain({ iotCertificate, credentialFile }) : undefined;
  const region = await resolveRegion(options.region, isLocal);
  return {
    region,
    endpoint: endpoint ?? (await endpointOfRegion(region, options)),
    credentials: usesLocalKeys ? LOCAL_KEYS : named,
    network: await networkOptions(options),
    usesLocalKeys,
  };
}

/** The credentials of a connection for a stream, or, without its name, for what is about none. */
export function credentialsOf(
  { credentials, network }: Connection,
  streamName?: string,
): CredentialsProvider {
  const provider = resolveCredentials(credentials, { network });
  const own = streamName === undefined ? undefined : provider.forStream?.(streamName);
  return own ?? provider;
}

/** The region that the environment names, without its files. */
export function regionOfEnvironment(): string | undefined {
  return process.env['AWS_REGION'] || process.env['AWS_DEFAULT_REGION'] || undefined;
}

function endpointUrl(given: string, name: string): string {
  if (/^https?:\/\//i.test(given) && URL.canParse(given)) return given;
  throw new UsageError(
    `Expected a URL such as http://127.0.0.1:5870 for ${name} but received ${JSON.stringify(given)}`,
  );
}

/** Checked here so that a mistake is told before anything else is done. */
function iotCertificate(given: string): string {
  parseIotCertificate(given);
  return given;
}

/** What the environment and the profile say of the endpoint; it is loaded when it is needed. */
async function endpointOfConfiguration(): Promise<string | undefined> {
  const { configuredEndpoint } = await import('../service/control-endpoint.js');
  return configuredEndpoint();
}

async function endpointOfRegion(region: string, options: ConnectionOptions): Promise<string> {
  const { resolveControlEndpoint } = await import('../service/control-endpoint.js');
  return resolveControlEndpoint(region, {
    ...(options.dualStack && { useDualstackEndpoint: true }),
    ...(options.fips && { useFipsEndpoint: true }),
  });
}

function isLoopbackUrl(url: string): boolean {
  return isLoopback(new URL(url).hostname.replace(/^\[(.*)\]$/, '$1'));
}

async function resolveRegion(given: string | undefined, isLocal: boolean): Promise<string> {
  const known = given ?? regionOfEnvironment();
  if (isLocal && known === undefined) return LOCAL_REGION;
  const service = await import('../service/endpoints.js');
  try {
    return await service.resolveRegion(known);
  } catch (error) {
    const isUnknown = error instanceof KinesisVideoError && error.values['region'] === undefined;
    if (!isUnknown) throw error;
    const advice = 'give --region, set AWS_REGION, or run `aws configure`';
    throw new KinesisVideoError('STATUS_INVALID_ARG', `No AWS region is configured: ${advice}.`, {
      advice,
    });
  }
}

async function networkOptions(options: ConnectionOptions): Promise<DialerOptions> {
  const { ca, proxy, ipv4, ipv6 } = options;
  if (ipv4 && ipv6) throw new UsageError('--ipv4 and --ipv6 exclude each other');
  const family = ipv4 ? 'ipv4' : 'ipv6';
  return {
    ...((ipv4 || ipv6) && { addressFamily: family }),
    ...(ca !== undefined && { ca: await readCertificates(ca, '--ca') }),
    ...(proxy !== undefined && { proxy }),
  };
}

/** Checked here so that the option is named; what is wrong is not shown, it may hold a password. */
function proxyUrl(given: string, name: string): string {
  parseProxy(given, name);
  return given;
}
