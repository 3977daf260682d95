import {
  expected,
  number,
  optional,
  resolveOptions,
  rule,
  string,
  type Check,
  type Resolved,
} from '../../internal/options.js';
import { KinesisVideoError } from '../../internal/errors.js';
import { parseIotCertificate } from './parse.js';

/**
 * How to get credentials with a certificate of AWS IoT. Certificate, key and authority are given as
 * paths, and then read again at each request, or as PEM.
 */
export interface IotCertificateOptions {
  /**
   * Host of the account's credentials provider, with a port if it is not 443, as
   * `aws iot describe-endpoint --endpoint-type iot:CredentialProvider` tells it.
   */
  readonly endpoint: string;
  /** The role alias, 1 to 128 letters, digits and `_ = , @ -`. */
  readonly roleAlias: string;
  /** Path of the device's certificate, PEM. */
  readonly certPath?: string | undefined;
  /** The device's certificate, PEM. */
  readonly certificate?: string | Buffer | undefined;
  /** Path of the certificate's private key, PEM, not encrypted. */
  readonly keyPath?: string | undefined;
  /** The certificate's private key, PEM, not encrypted. */
  readonly key?: string | Buffer | undefined;
  /** Path of the authorities to trust in the provider's certificate. Default: those of the client. */
  readonly caPath?: string | undefined;
  /** The authorities to trust in the provider's certificate, PEM. */
  readonly ca?: string | Buffer | undefined;
  /**
   * Name of the IoT thing, 1 to 128 characters. Default: the name of the stream. With
   * `{ from: 'certificate-id' }` it is the id of the certificate.
   */
  readonly thingName?: string | { readonly from: 'stream-name' | 'certificate-id' } | undefined;
  /** Milliseconds for a connection to be made. Default 3000. */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds for a request, its connection included. Default 5000, or 2000 more than that. */
  readonly requestTimeout?: number | undefined;
}

const CONNECT_TIMEOUT = 3000;
const REQUEST_TIMEOUT = 5000;
/** What the default leaves for the answer when connecting may take long. */
const MIN_ANSWER_TIME = 2000;
const MAX_URI = 10_000;
/** Longest name of a thing, and of a role alias. */
export const MAX_NAME = 128;

const timeout = number({ min: 1, max: 2 ** 31 - 1, unit: 'milliseconds' });
const path = optional(string("a file's path", (text) => text !== '' && !text.includes('\0')));
const pem: Check<string | Buffer | undefined> = (value, name) => {
  if (value === undefined) return undefined;
  const isPem =
    (typeof value === 'string' || Buffer.isBuffer(value)) && value.includes('-----BEGIN ');
  // What is not PEM may still be a secret.
  const shown = typeof value === 'string' ? `a text of ${value.length} characters` : value;
  if (!isPem) throw expected('PEM, such as what readFile gives of the file with it,', name, shown);
  return value;
};

const SHAPE = {
  endpoint: endpointUrl,
  roleAlias: checkAlias,
  certPath: path,
  certificate: pem,
  keyPath: path,
  key: pem,
  caPath: path,
  ca: pem,
  thingName: checkThing,
  connectTimeout: optional(timeout, CONNECT_TIMEOUT),
  requestTimeout: optional(timeout),
} satisfies Record<keyof IotCertificateOptions, Check<unknown>>;

/** The options with everything set that has a default, and the endpoint as a URL. */
export type ResolvedIotOptions = Resolved<typeof SHAPE> & { readonly requestTimeout: number };

/**
 * Checks the options, or the string of kvssink.
 *
 * @throws KinesisVideoError STATUS_INVALID_ARG, STATUS_IOT_INVALID_URI_LEN,
 * STATUS_MAX_ROLE_ALIAS_LEN_EXCEEDED or STATUS_MAX_IOT_THING_NAME_LENGTH
 */
export function resolveIotOptions(input: string | IotCertificateOptions): ResolvedIotOptions {
  const given = typeof input === 'string' ? parseIotCertificate(input) : input;
  const options = resolveOptions('iotCertificate', SHAPE, given);
  requireOne(options, 'certPath', 'certificate');
  requireOne(options, 'keyPath', 'key');
  if (options.caPath !== undefined && options.ca !== undefined) {
    throw expected('either caPath or ca', 'iotCertificate', 'both');
  }
  const { connectTimeout } = options;
  const { requestTimeout = Math.max(REQUEST_TIMEOUT, connectTimeout + MIN_ANSWER_TIME) } = options;
  if (requestTimeout < connectTimeout) {
    const least = `at least the ${connectTimeout} ms of connectTimeout`;
    throw expected(least, 'requestTimeout', requestTimeout);
  }
  return Object.freeze({ ...options, requestTimeout });
}

/** Throws when `name` cannot be that of a thing. */
export function checkThingName(name: string, what: string): string {
  if (name.length > MAX_NAME) {
    const advice = 'give a shorter one as `thingName`';
    throw new KinesisVideoError(
      'STATUS_MAX_IOT_THING_NAME_LENGTH',
      `${what} has ${name.length} characters, and the name of an IoT thing has at most ${MAX_NAME}: ${advice}.`,
      { values: { length: name.length, limit: MAX_NAME }, advice },
    );
  }
  return rule<string>('the name of an IoT thing: letters, digits and : _ -', (text) =>
    /^[\w:.-]+$/.test(text as string),
  )(name, what);
}

function requireOne(
  options: Readonly<Record<string, unknown>>,
  pathName: string,
  pemName: string,
): void {
  const given = [pathName, pemName].filter((name) => options[name] !== undefined);
  if (given.length === 1) return;
  const shown = given.length === 0 ? 'neither' : 'both';
  throw expected(`either ${pathName} or ${pemName}`, 'iotCertificate', shown);
}

function endpointUrl(value: unknown, name: string): URL {
  const what =
    'the host of a credentials provider, such as abc.credentials.iot.us-west-2.amazonaws.com,';
  if (typeof value !== 'string' || value === '') throw expected(what, name, value);
  if (value.length > MAX_URI) {
    throw expected(
      `a host of at most ${MAX_URI} characters`,
      name,
      value,
      'STATUS_IOT_INVALID_URI_LEN',
    );
  }
  const text = value.includes('://') ? value : `https://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.protocol === 'https:' && url.username === '' && url.search === '';
  if (url === undefined || !isPlain || url.pathname !== '/') throw expected(what, name, value);
  return url;
}

function checkAlias(value: unknown, name: string): string {
  if (typeof value === 'string' && value.length > MAX_NAME) {
    const most = `a role alias of at most ${MAX_NAME} characters`;
    throw expected(most, name, value, 'STATUS_MAX_ROLE_ALIAS_LEN_EXCEEDED');
  }
  return string('a role alias: letters, digits and _ = , @ -', (text) => /^[\w=,@-]+$/.test(text))(
    value,
    name,
  );
}

function checkThing(value: unknown, name: string): NonNullable<IotCertificateOptions['thingName']> {
  if (value === undefined) return { from: 'stream-name' };
  if (typeof value === 'string') return checkThingName(value, name);
  const { from, ...others } = Object(value) as Record<string, unknown>;
  if (Object.keys(others).length === 0 && (from === 'stream-name' || from === 'certificate-id')) {
    return { from };
  }
  throw expected("a text, { from: 'stream-name' } or { from: 'certificate-id' }", name, value);
}
