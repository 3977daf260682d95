/**
 * Keeps credentials out of everything a user may print. An error of the service can quote the
 * canonical request, session token included, and a URL of a camera or a proxy can hold a password.
 */
import { types } from 'node:util';
import { isSecretName, MASK, redact } from './redact-text.js';

export { redact };

/** How deep `redactValue` and `redactError` follow nested values before they cut them off. */
const MAX_DEPTH = 3;
const MAX_ENTRIES = 32;
const UNREADABLE = '[unreadable]';

/**
 * Turns a value into one that can be printed and written as JSON, and holds no secret: a copy as plain
 * data, without the methods by which an object says how to print it.
 */
export function redactValue(value: unknown, depth = MAX_DEPTH): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  try {
    return redactObject(value, depth);
  } catch {
    // A getter or a proxy that throws is nobody's reason to fail.
    return UNREADABLE;
  }
}

function redactObject(value: object, depth: number): unknown {
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) {
    return `[${value.byteLength} bytes]`;
  }
  if (value instanceof Error) return redact(`${value.name}: ${value.message}`);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toJSON();
  if (value instanceof URL) return redact(value.href);
  const isList = Array.isArray(value) || value instanceof Set;
  if (depth === 0) return isList ? '[array]' : '[object]';
  if (isList) return redactList(Array.from(value as Iterable<unknown>), depth - 1);
  if (value instanceof Map || value instanceof Headers) {
    return redactEntries(value as Iterable<readonly [unknown, unknown]>, depth - 1);
  }
  return redactValues(value as Record<string, unknown>, depth - 1);
}

/** What follows a secret's name is masked: lists of headers have names and values in turn. */
function redactList(items: readonly unknown[], depth: number): unknown[] {
  return items.slice(0, MAX_ENTRIES).map((item, index) => {
    const before = index === 0 ? undefined : items[index - 1];
    return typeof before === 'string' && isSecretName(before) ? MASK : redactValue(item, depth);
  });
}

/** Applies `redactValue` to each entry of an object, and masks entries with a secret's name. */
export function redactValues(
  values: Readonly<Record<string, unknown>>,
  depth = MAX_DEPTH,
): Readonly<Record<string, unknown>> {
  const entries = Object.keys(values)
    .slice(0, MAX_ENTRIES)
    .map((key) => [key, isSecretName(key) ? MASK : read(values, key)] as const);
  return redactEntries(entries, depth);
}

function redactEntries(
  entries: Iterable<readonly [unknown, unknown]>,
  depth: number,
): Readonly<Record<string, unknown>> {
  const clean = Array.from(entries)
    .slice(0, MAX_ENTRIES)
    .map(([key, value]) => {
      const name = typeof key === 'string' ? key : String(redactValue(key, 0));
      return [redact(name), isSecretName(name) ? MASK : redactValue(value, depth)] as const;
    });
  return Object.freeze(Object.fromEntries(clean));
}

/** What a system error says beyond its message. */
const SYSTEM_FIELDS = ['code', 'errno', 'syscall', 'hostname', 'address', 'port'] as const;

/**
 * A copy of a thrown value that is safe to keep as a `cause`. Errors of HTTP clients carry their
 * request, headers and all, so only name, message, stack, system error fields, causes and the errors
 * of an AggregateError are kept.
 */
export function redactError(error: unknown, depth = MAX_DEPTH): unknown {
  try {
    return error instanceof Error ? copyError(error, depth) : redactValue(error);
  } catch {
    return UNREADABLE;
  }
}

function copyError(error: Error, depth: number): Error {
  const message = text(error, 'message') ?? UNREADABLE;
  const copy = new Error(redact(message));
  copy.name = redact(text(error, 'name') ?? 'Error');
  const stack = text(error, 'stack');
  const fields: Record<string, unknown> = {
    stack: stack === undefined ? `${copy.name}: ${copy.message}` : redact(stack),
  };
  for (const field of SYSTEM_FIELDS) {
    const value = read(error, field);
    if (typeof value === 'number') fields[field] = value;
    if (typeof value === 'string') fields[field] = redact(value);
  }
  const { cause, errors } = { cause: read(error, 'cause'), errors: read(error, 'errors') };
  if (cause !== undefined && depth > 0) fields['cause'] = redactError(cause, depth - 1);
  if (Array.isArray(errors) && depth > 0) {
    fields['errors'] = errors
      .slice(0, MAX_ENTRIES)
      .map((one: unknown) => redactError(one, depth - 1));
  }
  return Object.assign(copy, fields);
}

function text(from: object, key: string): string | undefined {
  const value = read(from, key);
  return typeof value === 'string' ? value : undefined;
}

/** A property, or a remark in its place when its getter throws. */
function read(from: object, key: string): unknown {
  try {
    return (from as Record<string, unknown>)[key];
  } catch {
    return UNREADABLE;
  }
}
