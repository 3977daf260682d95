import { KinesisVideoError } from '../internal/errors.js';
import { unknownOption } from '../internal/options.js';
import type { LocalFault } from './faults/fault.js';
import { isNotificationTarget, type NotificationTarget } from './events/notification-target.js';
import { resolveLocalIot, type LocalIotOptions, type ResolvedLocalIot } from './iot/options.js';
import type { ServerCertificate } from './listening.js';
import { isPermissionList, type LocalPermission } from './permissions.js';

/** How the local endpoint is started. Times are in milliseconds. */
export interface LocalKinesisVideoOptions {
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number;
  /** Address to listen on. Default `127.0.0.1`: this machine only. */
  readonly host?: string;
  /**
   * Folder for streams and fragments, which one endpoint at a time can use. Default: a temporary one
   * that `close()` removes.
   */
  readonly dataDir?: string;
  /** Region of the stream ARNs, and the one that requests must be signed for. Default `us-west-2`. */
  readonly region?: string;
  /** Key pairs whose signatures are accepted. Default: the pair `local` / `local`. */
  readonly credentials?: readonly LocalCredentials[];
  /** Key and certificate in PEM: serves HTTPS instead of HTTP. */
  readonly tls?: ServerCertificate;
  /** Starts a credentials provider of AWS IoT too, whose keys the endpoint accepts. */
  readonly iot?: LocalIotOptions;
  /**
   * Where the notifications about fragments are posted to, in the form of SNS: one URL, or URLs by
   * the ARNs of topics. Default: nowhere.
   */
  readonly notificationTarget?: NotificationTarget;
  /**
   * Folder for the images that fragments ask for: `s3://bucket/prefix` stands for the folder
   * `bucket/prefix` in it. They are made by ffmpeg, which has to be installed. Default: none are made.
   */
  readonly imagesDir?: string;
  /**
   * Whether the quotas of the service are in force: calls per second of the account, of streams and
   * of playback sessions, bytes and fragments per second, streams of the account. Default false;
   * limits of connections, and of the size and length of a fragment, are always in force.
   */
  readonly quotas?: boolean;
  /**
   * Faults to make on purpose, as objects or as texts such as `PutMedia:error=503,first=2`. They can
   * be replaced while the endpoint runs. Default: none.
   */
  readonly faults?: readonly (LocalFault | string)[];
  /** Makes the chance of faults with a probability repeatable. Default 0. */
  readonly faultSeed?: number;
  /** How long a stream stays CREATING, UPDATING or DELETING. Default 0. */
  readonly lifecycleDelay?: number;
  /** Holds every PutMedia acknowledgement back for this long. Default 0. */
  readonly ackDelay?: number;
  /** Bytes per second that each PutMedia takes; 0, the default, means as fast as it can. */
  readonly ingestRate?: number;
  /** Ends a PutMedia with error 4003 after this long. Default 45 minutes. */
  readonly maxConnectionDuration?: number;
  /** Ends a PutMedia that sends no data for this long, after IDLE acknowledgements. Default 30 s. */
  readonly idleTimeout?: number;
  /** Ends a GetMedia when there has been nothing to send for this long. Default 3 s. */
  readonly getMediaTimeout?: number;
  /** Lets a fragment begin at the very time of the last frame before it. Default false, as the service. */
  readonly allowEqualTimecodes?: boolean;
  /** The endpoint's clock, in milliseconds since the Unix epoch. Default `Date.now`. */
  readonly now?: () => number;
  /** Called with a sentence about every request that is refused or ended for an error. */
  readonly log?: (sentence: string) => void;
  /** Stops a start that is under way; without effect once the endpoint runs. */
  readonly signal?: AbortSignal;
}

/** One key pair. */
export interface LocalCredentials {
  /** What signed requests name. */
  readonly accessKeyId: string;
  /** What they are signed with. */
  readonly secretAccessKey: string;
  /** What requests that are signed with it may do. Default: everything. */
  readonly allow?: readonly LocalPermission[];
}

type Optional = 'dataDir' | 'tls' | 'notificationTarget' | 'imagesDir' | 'signal';
type Plain = Omit<LocalKinesisVideoOptions, Optional | 'iot'>;

/** The options with every default filled in. */
export type ResolvedOptions = Readonly<Required<Plain>> &
  Pick<LocalKinesisVideoOptions, Optional> & { readonly iot?: ResolvedLocalIot };

const DEFAULTS: ResolvedOptions = {
  port: 0,
  host: '127.0.0.1',
  region: 'us-west-2',
  credentials: [{ accessKeyId: 'local', secretAccessKey: 'local' }],
  quotas: false,
  faults: [],
  faultSeed: 0,
  lifecycleDelay: 0,
  ackDelay: 0,
  ingestRate: 0,
  maxConnectionDuration: 45 * 60_000,
  idleTimeout: 30_000,
  getMediaTimeout: 3000,
  allowEqualTimecodes: false,
  now: () => Date.now(),
  log: () => undefined,
};

const MAX_PORT = 65_535;
/** The longest delay that a timer can hold. */
const MAX_DELAY = 2 ** 31 - 1;

type Check = readonly [expected: string, accepts: (value: unknown) => boolean];

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isPem = (value: unknown): boolean => isText(value) || Buffer.isBuffer(value);
const TEXT: Check = ['a string that is not empty', isText];
const milliseconds = (min: number): Check => [
  `a number of milliseconds from ${min} to ${MAX_DELAY}`,
  (value) => typeof value === 'number' && value >= min && value <= MAX_DELAY,
];

const CHECKS: Readonly<Record<keyof LocalKinesisVideoOptions, Check>> = {
  port: [
    `a port from 0 to ${MAX_PORT}`,
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_PORT,
  ],
  host: TEXT,
  dataDir: TEXT,
  imagesDir: TEXT,
  region: [
    'a region name such as us-west-2',
    (value) => isText(value) && /^[a-z0-9-]+$/.test(value),
  ],
  credentials: [
    'a list of { accessKeyId, secretAccessKey, allow? } that is not empty, with allow a list of { actions, streams? },',
    (value) => Array.isArray(value) && value.length > 0 && value.every(isKeyPair),
  ],
  tls: ['{ key, cert } in PEM', isKeyAndCertificate],
  iot: [
    'an object with ca and things',
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  ],
  notificationTarget: [
    'an http or https URL, or such URLs by ARNs of topics,',
    isNotificationTarget,
  ],
  quotas: ['a boolean', (value) => typeof value === 'boolean'],
  faults: ['a list of faults', (value) => Array.isArray(value)],
  faultSeed: ['a whole number', (value) => Number.isSafeInteger(value)],
  lifecycleDelay: milliseconds(0),
  ackDelay: milliseconds(0),
  ingestRate: [
    'a number of bytes per second, at least 0',
    (value) => typeof value === 'number' && value >= 0 && value < Infinity,
  ],
  maxConnectionDuration: milliseconds(1),
  idleTimeout: milliseconds(1),
  getMediaTimeout: milliseconds(1),
  allowEqualTimecodes: ['a boolean', (value) => typeof value === 'boolean'],
  now: ['a function', (value) => typeof value === 'function'],
  log: ['a function', (value) => typeof value === 'function'],
  signal: ['an AbortSignal', (value) => value instanceof AbortSignal],
};

/** Fills in the defaults. Throws KinesisVideoError for an unknown option or a value out of range. */
export function resolveOptions(options: LocalKinesisVideoOptions): ResolvedOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof typeof CHECKS] : undefined;
    if (check === undefined) {
      throw unknownOption('startLocalKinesisVideo', name, Object.keys(CHECKS));
    }
    const [expected, accepts] = check;
    if (!accepts(value)) {
      // Keys and certificates do not belong into a message.
      const shown = typeof value === 'object' ? 'something else' : String(value);
      throw invalid(`Expected ${expected} for ${name} but received ${shown}`, name);
    }
  }
  const { iot, ...plain } = Object.fromEntries(given) as LocalKinesisVideoOptions;
  const provider = iot && { iot: resolveLocalIot(iot, plain.tls) };
  return Object.freeze({ ...DEFAULTS, ...plain, ...provider });
}

function isKeyPair(value: unknown): boolean {
  const pair = value as Partial<LocalCredentials> | null | undefined;
  const { accessKeyId, secretAccessKey, allow = [] } = pair ?? {};
  return isText(accessKeyId) && isText(secretAccessKey) && isPermissionList(allow);
}

function isKeyAndCertificate(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { key, cert, ...others } = value as Record<string, unknown>;
  return isPem(key) && isPem(cert) && Object.keys(others).length === 0;
}

function invalid(message: string, option: string): KinesisVideoError {
  return new KinesisVideoError('STATUS_INVALID_ARG', message, { values: { option } });
}
