import { KinesisVideoError } from '../../internal/errors.js';
import { expected, unknownOption } from '../../internal/options.js';
import type { ServerCertificate } from '../listening.js';

/** The credentials provider of AWS IoT that the local endpoint poses as. */
export interface LocalIotOptions {
  /** The authorities that have signed the certificates of devices, PEM; others cannot connect. */
  readonly ca: string | Buffer;
  /** The things, and whose certificates they have. */
  readonly things: readonly LocalThing[];
  /** Role aliases by name, with how long their credentials live. Default: `LocalRoleAlias`, an hour. */
  readonly roleAliases?: Readonly<Record<string, { readonly duration?: number }>>;
  /** Key and certificate of the provider, PEM. Default: those of `tls`. */
  readonly tls?: ServerCertificate;
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number;
}

/** A thing of IoT. Its credentials allow everything with the stream of its name. */
export interface LocalThing {
  /** The name of the thing, and of its stream. */
  readonly name: string;
  /** The certificate that is attached to it, PEM; several things may share one. */
  readonly certificate: string | Buffer;
  /** Streams that its credentials allow besides. */
  readonly streams?: readonly string[];
}

/** The options with every default filled in. */
export interface ResolvedLocalIot extends Required<LocalIotOptions> {
  readonly roleAliases: Readonly<Record<string, { readonly duration?: number }>>;
}

/** The role alias that there is when none is named. */
export const DEFAULT_ROLE_ALIAS = 'LocalRoleAlias';

const KNOWN = ['ca', 'things', 'roleAliases', 'tls', 'port'];

/**
 * Fills in the defaults.
 *
 * @param tls - what the endpoint itself serves HTTPS with
 * @throws KinesisVideoError for an unknown option, and for one that is missing or wrong
 */
export function resolveLocalIot(
  options: LocalIotOptions,
  tls: ServerCertificate | undefined,
): ResolvedLocalIot {
  for (const name of Object.keys(options)) {
    if (!KNOWN.includes(name)) throw unknownOption('iot', name, KNOWN);
  }
  const { ca, things, roleAliases = { [DEFAULT_ROLE_ALIAS]: {} }, port = 0 } = options;
  const certificate = options.tls ?? tls;
  if (certificate === undefined) {
    const advice = 'give `tls`, of the endpoint or in `iot`';
    const message = `The credentials provider of \`iot\` speaks TLS only: ${advice}.`;
    throw new KinesisVideoError('STATUS_INVALID_ARG', message, { advice });
  }
  if (!isPem(ca)) throw expected('certificates in PEM', 'iot.ca', 'something else');
  if (!Array.isArray(things) || !things.every(isThing)) {
    const what = 'a list of { name, certificate, streams? } with certificates in PEM';
    throw expected(what, 'iot.things', 'something else');
  }
  return Object.freeze({ ca, things, roleAliases, port, tls: certificate });
}

function isPem(value: unknown): boolean {
  const isText = typeof value === 'string' || Buffer.isBuffer(value);
  return isText && value.includes('-----BEGIN CERTIFICATE-----');
}

function isThing(value: unknown): boolean {
  const { name, certificate, streams = [] } = Object(value) as Partial<LocalThing>;
  const isNamed = typeof name === 'string' && /^[\w:.-]{1,128}$/.test(name);
  return isNamed && isPem(certificate) && Array.isArray(streams);
}
