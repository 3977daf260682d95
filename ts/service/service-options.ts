import {
  checkCredentials,
  resolveIotOptions,
  type CredentialsInput,
  type IotCertificateOptions,
} from '../credentials/index.js';
import {
  boolean,
  expected,
  number,
  oneOf,
  optional,
  string,
  type Check,
} from '../internal/options.js';
import { guardLogger, isLogger, type Logger } from '../logging/index.js';
import type { AddressFamily, CertificateAuthority, ProxyOption } from '../network/index.js';
import { parseProxy } from '../network/parse-proxy.js';
import { holdsCertificate, isPem } from '../network/pem.js';
import { checkEndpointChoice } from './control-endpoint.js';

/** How to reach the service, and as whom. Everything can be left out. */
export interface ServiceOptions {
  /**
   * AWS region, such as `us-west-2`. Default: AWS_REGION, AWS_DEFAULT_REGION, or that of the profile.
   */
  readonly region?: string | undefined;
  /**
   * Keys, or a function that gets them, such as any provider of the AWS SDK. Default: the SDK's chain
   * of environment, profile, SSO, web identity, container and instance.
   */
  readonly credentials?: CredentialsInput;
  /**
   * Gets credentials with a certificate of AWS IoT: options, or the string that kvssink takes. Without
   * a thing name in it, that of a stream's IoT thing is the name of the stream. Not together with
   * `credentials`.
   */
  readonly iotCertificate?: string | IotCertificateOptions | undefined;
  /**
   * Path of a file with the line `CREDENTIALS key secret` or `CREDENTIALS key expiration secret token`,
   * which is read again when it changes. It is used when there are neither an `iotCertificate` nor keys
   * in the environment. Not together with `credentials`.
   */
  readonly credentialFile?: string | undefined;
  /**
   * URL of the control plane, http or https, instead of the region's own. Default:
   * AWS_ENDPOINT_URL_KINESIS_VIDEO, AWS_ENDPOINT_URL, or `endpoint_url` of the profile.
   */
  readonly endpoint?: string | undefined;
  /**
   * Whether to use the endpoint of the region that has IPv6 besides IPv4, to which the service answers
   * with data endpoints of that kind. Default: AWS_USE_DUALSTACK_ENDPOINT, or `use_dualstack_endpoint`
   * of the profile, else false.
   */
  readonly useDualstackEndpoint?: boolean | undefined;
  /**
   * Whether to use the endpoint of the region with cryptography validated under FIPS 140. Default:
   * AWS_USE_FIPS_ENDPOINT, or `use_fips_endpoint` of the profile, else true in the partitions
   * `aws-us-gov`, `aws-iso` and `aws-iso-b`, and false elsewhere.
   */
  readonly useFipsEndpoint?: boolean | undefined;
  /** URL that all media go to. GetDataEndpoint is then not called. */
  readonly dataEndpoint?: string | undefined;
  /**
   * Where to tell what goes on, such as a `pino` logger or `console`. Nothing is written without it,
   * but for a process warning a minute when a connection is lost and nobody listens for `disconnected`.
   */
  readonly logger?: Logger | undefined;
  /**
   * Addresses to use: `ipv4` or `ipv6`. Default: what AWS_KVS_USE_IPV4 or AWS_KVS_USE_IPV6 says, when
   * it is set, else both, of which the first that answers is used.
   */
  readonly addressFamily?: AddressFamily | undefined;
  /**
   * TLS roots to trust instead of those of Node.js: in PEM form, or the path of a PEM file or of a
   * folder with `.pem` files. Default: AWS_KVS_CACERT_PATH. The roots of Node.js include what
   * NODE_EXTRA_CA_CERTS names, and those of the system with --use-system-ca.
   */
  readonly ca?: CertificateAuthority | undefined;
  /**
   * URL of the HTTP proxy that all connections go through, such as `http://user:password@proxy:3128`,
   * with %XX for characters that a URL cannot hold; false for none. Each connection is a tunnel, also
   * one to an http endpoint. Default: HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, but for NO_PROXY.
   */
  readonly proxy?: ProxyOption | undefined;
  /** Milliseconds for a connection to be made, proxy and TLS included. Default 5000. */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds for a call to the control plane, its retries included. Default 10000. */
  readonly requestTimeout?: number | undefined;
  /** The `User-Agent` of the requests. */
  readonly userAgent?: string | undefined;
}

const MAX_URI = 10_000;

const timeout = number({ min: 1, max: 2 ** 31 - 1, unit: 'milliseconds' });

/** The checks of these options, for the table of a client that has more of them. */
export const SERVICE_SHAPE = {
  region: optional(string('the name of a region', (text) => /^[a-z0-9-]{1,63}$/.test(text))),
  credentials: checkCredentialsInput,
  iotCertificate: checkIotCertificate,
  credentialFile: optional(string("a file's path", (path) => path !== '' && !path.includes('\0'))),
  endpoint: optional(checkEndpoint),
  useDualstackEndpoint: optional(boolean),
  useFipsEndpoint: optional(boolean),
  dataEndpoint: optional(checkEndpoint),
  logger: optional(checkLogger, Object.freeze({}) as Logger),
  addressFamily: optional(oneOf('ipv4', 'ipv6')),
  ca: optional(checkCertificates),
  proxy: optional(checkProxy),
  connectTimeout: optional(timeout),
  requestTimeout: optional(timeout),
  userAgent: optional(string('printable ASCII', (text) => /^[\x20-\x7e]{1,256}$/.test(text))),
} satisfies Record<keyof ServiceOptions, Check<unknown>>;

/**
 * Checks what these options say together.
 *
 * @param owner - what they belong to, such as `KinesisVideoClient`
 * @throws KinesisVideoError STATUS_INVALID_ARG for two sources of credentials, or a flag without effect
 */
export function checkServiceOptions(owner: string, options: ServiceOptions): void {
  requireOneSource(owner, options);
  checkEndpointChoice(options);
}

function requireOneSource(owner: string, options: ServiceOptions): void {
  const others = (['iotCertificate', 'credentialFile'] as const).filter(
    (name) => options[name] !== undefined,
  );
  if (options.credentials === undefined || others.length === 0) return;
  const what = `either credentials or ${others.join(' and ')}`;
  throw expected(what, owner, 'both');
}

function checkIotCertificate(value: unknown): string | IotCertificateOptions | undefined {
  if (value !== undefined) resolveIotOptions(value as string | IotCertificateOptions);
  return value as string | IotCertificateOptions | undefined;
}

/** The value is a secret, which must not get into an error. */
function checkCredentialsInput(value: unknown, name: string): CredentialsInput {
  if (value === undefined || typeof value === 'function') return value as CredentialsInput;
  if (typeof value === 'object' && value !== null) {
    checkCredentials(value, 'The given `credentials`');
    return value as CredentialsInput;
  }
  const shown = typeof value === 'string' ? 'a string' : value;
  throw expected('an object with keys, or a function that gets them,', name, shown);
}

function checkLogger(value: unknown, name: string): Logger {
  if (isLogger(value)) return guardLogger(value);
  throw expected('a logger with methods such as debug, info, warn and error', name, value);
}

function checkEndpoint(value: unknown, name: string): string {
  if (typeof value === 'string' && value.length > MAX_URI) {
    throw expected(`a URL of at most ${MAX_URI} characters`, name, value, 'STATUS_INVALID_URI_LEN');
  }
  return string('an http or https URL', isHttpUrl)(value, name);
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** A text that is neither a certificate nor a path is not shown: it may be the private key. */
function checkCertificates(value: unknown, name: string): CertificateAuthority {
  const isCertificate = (item: unknown): boolean =>
    (typeof item === 'string' || Buffer.isBuffer(item)) && holdsCertificate(item);
  const isList = Array.isArray(value) && value.length > 0 && value.every(isCertificate);
  if (isCertificate(value) || isList || isPath(value)) return value as CertificateAuthority;
  const what = 'certificates in PEM form, or the path of a file or folder with them,';
  const shown =
    typeof value === 'string' ? `a text of ${value.length} characters without one` : value;
  throw expected(what, name, shown);
}

function isPath(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !/[\n\0]/.test(value) && !isPem(value);
}

/** The value may hold a password, which must not get into an error. */
function checkProxy(value: unknown, name: string): ProxyOption {
  if (value === false) return value;
  if (typeof value !== 'string') throw expected('the URL of a proxy, or false,', name, value);
  parseProxy(value, name);
  return value;
}
