/**
 * Values on their way from one thread to another. A structured clone keeps neither functions nor
 * the class of an error, and makes a plain Uint8Array of a Buffer.
 */
import { types } from 'node:util';
import { KinesisVideoError } from '../../internal/errors.js';
import { redactError } from '../../internal/redact.js';
import type { StatusName } from '../../internal/status.js';

/** Marks what stands for something that cannot be cloned. */
const KIND = '$kinesis-video';

/** How deep values are followed; what is deeper is left out. */
const MAX_DEPTH = 24;

/** Keeps a function of this thread and returns the number by which the other one calls it. */
export type KeepFunction = (work: RemoteTarget) => number;

/** Calls a function of the other thread; `streamName` asks for the one that it has for that stream. */
export type CallFunction = (
  id: number,
  args: readonly unknown[],
  streamName?: string,
) => Promise<unknown>;

/** A function that the other thread can call; providers of credentials may have one for each stream. */
export type RemoteTarget = ((...args: never[]) => unknown) & {
  readonly forStream?: (streamName: string) => (...args: never[]) => unknown;
};

interface PackedError {
  readonly [KIND]: 'error';
  readonly isOurs: boolean;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cause: unknown;
}

interface PackedFunction {
  readonly [KIND]: 'function';
  readonly id: number;
  readonly hasForStream: boolean;
}

const OUR_FIELDS = ['code', 'values', 'advice', 'retryable', 'requestId'] as const;
const SYSTEM_FIELDS = ['code', 'errno', 'syscall', 'hostname', 'address', 'port'] as const;

/**
 * Makes a value that can be posted.
 *
 * @param keep - takes the functions in it; without it they are left out
 * @throws TypeError for an object of a class that the other thread cannot be given
 */
export function pack(value: unknown, keep?: KeepFunction, depth = MAX_DEPTH): unknown {
  if (typeof value === 'function') {
    if (keep === undefined) return undefined;
    const work = value as RemoteTarget;
    return { [KIND]: 'function', id: keep(work), hasForStream: work.forStream !== undefined };
  }
  if (typeof value === 'symbol') return String(value);
  if (typeof value !== 'object' || value === null || isCloneable(value)) return value;
  if (depth === 0) return undefined;
  if (value instanceof Error) return packError(value, depth - 1);
  if (Array.isArray(value)) return value.map((item: unknown) => pack(item, keep, depth - 1));
  if (keep !== undefined && !isPlain(value)) {
    throw new TypeError(`An object of the class ${value.constructor.name} stays in its thread`);
  }
  const entries = Object.entries(value).map(([key, item]) => [key, pack(item, keep, depth - 1)]);
  return Object.fromEntries(entries) as unknown;
}

/** Makes of what `pack` has made what was packed; plain objects in it are frozen. */
export function unpack(value: unknown, call?: CallFunction): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (types.isUint8Array(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  if (isCloneable(value)) return value;
  if (Array.isArray(value)) return Object.freeze(value.map((item: unknown) => unpack(item, call)));
  if (KIND in value) {
    if (value[KIND] === 'error') return unpackError(value as PackedError);
    return call === undefined ? undefined : unpackFunction(value as PackedFunction, call);
  }
  const entries = Object.entries(value).map(([key, item]) => [key, unpack(item, call)]);
  return Object.freeze(Object.fromEntries(entries)) as unknown;
}

/** Whether a structured clone of an object is the same but for identity. */
function isCloneable(value: object): boolean {
  return (
    ArrayBuffer.isView(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isKeyObject(value) ||
    types.isMap(value) ||
    types.isSet(value)
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function packError(given: Error, depth: number): PackedError {
  const isOurs = given instanceof KinesisVideoError;
  const error = isOurs ? given : (redactError(given) as Error);
  const source = error as unknown as Readonly<Record<string, unknown>>;
  const names = isOurs ? OUR_FIELDS : SYSTEM_FIELDS;
  return {
    [KIND]: 'error',
    isOurs,
    name: error.name,
    message: error.message,
    stack: error.stack,
    fields: Object.fromEntries(
      names.flatMap((name) =>
        name in source ? [[name, pack(source[name], undefined, depth)]] : [],
      ),
    ),
    cause: pack(error.cause, undefined, depth),
  };
}

function unpackError({ isOurs, name, message, stack, fields, cause }: PackedError): Error {
  const known = unpack(fields) as Record<string, unknown>;
  const error = isOurs
    ? new KinesisVideoError(known['code'] as StatusName, message, {
        ...known,
        cause: unpack(cause),
      })
    : Object.assign(new Error(message), known, cause !== undefined && { cause: unpack(cause) });
  // Where it was made tells more than where it has arrived.
  const own = { stack, ...(!isOurs && { name }) };
  for (const [key, value] of Object.entries(own)) {
    Object.defineProperty(error, key, { value, writable: true, configurable: true });
  }
  return error;
}

function unpackFunction({ id, hasForStream }: PackedFunction, call: CallFunction): RemoteTarget {
  const remote = (...args: unknown[]): Promise<unknown> => call(id, args);
  if (!hasForStream) return remote;
  return Object.assign(remote, {
    forStream:
      (streamName: string) =>
      (...args: unknown[]) =>
        call(id, args, streamName),
  });
}
