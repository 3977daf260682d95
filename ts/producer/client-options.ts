import {
  boolean,
  expected,
  number,
  oneOf,
  optional,
  resolveOptions,
  rule,
  string,
  type Check,
  type Resolved,
} from '../internal/options.js';
import {
  checkServiceOptions,
  SERVICE_SHAPE,
  type ServiceOptions,
} from '../service/service-options.js';
import type { RetryCallbacks } from './retry-callbacks.js';
import type { TransportName } from './worker/transport.js';

/** How to make a client. Everything can be left out. */
export interface KinesisVideoClientOptions extends ServiceOptions {
  /**
   * Whether to call nothing but GetDataEndpoint and PutMedia, for credentials that allow no more. The
   * streams must exist; `retentionPeriod` must be theirs, since nobody asks. They are neither created
   * nor tagged. Default false.
   */
  readonly minimalPermissions?: boolean | undefined;
  /**
   * Bytes of media that all streams of the client together can hold, 10 MiB to 10 GiB. Memory is
   * taken as it is used. Default 64 MiB, which is what one stream of 4 Mbit/s needs for the 120 s of
   * the default `bufferDuration`.
   */
  readonly storageSize?: number | undefined;
  /**
   * Folder for a file that frames go to while the store is full, in place of being dropped or refused.
   * The file vanishes with the process. Default: none.
   */
  readonly spillDirectory?: string | undefined;
  /** Bytes that the file may take, 10 MiB to 1 TiB. Default 1 GiB, when there is a `spillDirectory`. */
  readonly spillSize?: number | undefined;
  /**
   * Where the connections run: in the thread of the program, `main`, or in a `worker` thread of the
   * client's own, where a program that blocks its thread for seconds delays nothing on the wire. See
   * docs/threads.md. Default `main`.
   */
  readonly transport?: TransportName | undefined;
  /**
   * What to do about latency, connections that are not answered, failures and dropped frames, instead
   * of what `continuousRetry()` does.
   */
  readonly retryCallbacks?: RetryCallbacks | undefined;
}

const MIB = 1024 * 1024;
const DEFAULT_STORAGE = 64 * MIB;
const MIN_STORAGE = 10 * MIB;
const MAX_STORAGE = 10 * 1024 * MIB;
const DEFAULT_SPILL = 1024 * MIB;
const MAX_SPILL = 1024 * 1024 * MIB;
const MAX_DIRECTORY = 4096;

const SHAPE = {
  ...SERVICE_SHAPE,
  minimalPermissions: optional(boolean, false),
  storageSize: optional(
    number(
      { min: MIN_STORAGE, max: MAX_STORAGE, unit: 'bytes', whole: true },
      'STATUS_INVALID_STORAGE_SIZE',
    ),
    DEFAULT_STORAGE,
  ),
  spillDirectory: optional(
    string(
      `a folder's path of 1 to ${MAX_DIRECTORY} bytes`,
      (path) => isWithin(Buffer.byteLength(path), 1, MAX_DIRECTORY) && !path.includes('\0'),
      'STATUS_INVALID_ROOT_DIRECTORY_LENGTH',
    ),
  ),
  spillSize: optional(
    number(
      { min: MIN_STORAGE, max: MAX_SPILL, unit: 'bytes', whole: true },
      'STATUS_INVALID_STORAGE_SIZE',
    ),
  ),
  transport: optional(oneOf('main', 'worker'), 'main' as const),
  retryCallbacks: optional(checkCallbacks, Object.freeze({})),
} satisfies Record<string, Check<unknown>>;

/** The options of a client with everything set that has a default. */
export type ResolvedClientOptions = Resolved<typeof SHAPE> & { readonly spillSize: number };

/**
 * Checks the options of a client and sets those that were left out.
 *
 * @throws KinesisVideoError for an option that is unknown, out of range or without effect
 */
export function resolveClientOptions(input: unknown): ResolvedClientOptions {
  const options = resolveOptions('KinesisVideoClient', SHAPE, input);
  const { spillDirectory, spillSize } = options;
  if (spillSize !== undefined && spillDirectory === undefined) {
    throw expected('spillDirectory beside spillSize, or neither,', 'KinesisVideoClient', spillSize);
  }
  checkServiceOptions('KinesisVideoClient', options);
  return Object.freeze({ ...options, spillSize: spillSize ?? DEFAULT_SPILL });
}

const callback: Check<unknown> = rule('a function', (value) => typeof value === 'function');

const CALLBACKS = {
  latencyPressure: optional(callback),
  connectionStale: optional(callback),
  streamError: optional(callback),
  droppedFrame: optional(callback),
} satisfies Record<keyof RetryCallbacks, Check<unknown>>;

function checkCallbacks(value: unknown, name: string): RetryCallbacks {
  return resolveOptions(name, CALLBACKS, value) as RetryCallbacks;
}

function isWithin(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}
