/**
 * Keeps credentials out of everything a user may print. An error of the service can quote the
 * canonical request, session token included, and a URL of a camera or a proxy can hold a password.
 */
import { types } from 'node:util';

const MASK = '[redacted]';

/** How deep `redactValue` and `redactError` follow nested values before they cut them off. */
const MAX_DEPTH = 3;
const MAX_ENTRIES = 32;

/** Names whose value is a secret wherever they stand: headers, query parameters, JSON, ini files. */
const SECRET_NAMES =
  'x-amz-(?:security-token|signature|credential)|(?:proxy-)?authorization|' +
  '(?:aws_?)?secret_?access_?key|(?:aws_?)?session_?token|private_?key|password|passphrase';

const SECRET_KEY = new RegExp(`^(?:${SECRET_NAMES}|secret|signature)$`, 'i');
const SECRET_ASSIGNMENT = new RegExp(
  // The name, then : or =, then a value that runs to the next delimiter; an Authorization header
  // holds spaces, so that it is taken to the end of its line.
  `((?:${SECRET_NAMES})["']?\\s*[:=]\\s*["']?)((?:AWS4|Bearer|Basic)[^\\n"']*|[^\\s"',;&]+)`,
  'gi',
);
/** An Authorization header of Signature Version 4 without its name. */
const SIGNATURE = /AWS4-HMAC-SHA256 Credential=[^\n"']*/g;
/** The scheme is bounded so that a long text without one is searched in linear time. */
const URL_USER_INFO = /([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#]*@/gi;

/**
 * Masks secrets in a text: values of well-known names, user and password of URLs, and every
 * occurrence of the given `secrets`.
 */
export function redact(text: string, secrets: readonly (string | undefined)[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret) clean = clean.replaceAll(secret, MASK);
  }
  return clean
    .replace(SECRET_ASSIGNMENT, `$1${MASK}`)
    .replace(SIGNATURE, MASK)
    .replace(URL_USER_INFO, `$1${MASK}@`);
}

/** Turns a value into one that can be printed and written as JSON, and holds no secret. */
export function redactValue(value: unknown, depth = MAX_DEPTH): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) {
    return `[${value.byteLength} bytes]`;
  }
  if (value instanceof Error) return redact(`${value.name}: ${value.message}`);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toJSON();
  if (depth === 0) return Array.isArray(value) ? '[array]' : '[object]';
  if (Array.isArray(value)) {
    return value.slice(0, MAX_ENTRIES).map((item: unknown) => redactValue(item, depth - 1));
  }
  return redactValues(value as Record<string, unknown>, depth - 1);
}

/** Applies `redactValue` to each entry of an object, and masks entries with a secret's name. */
export function redactValues(
  values: Readonly<Record<string, unknown>>,
  depth = MAX_DEPTH,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(values)
    .slice(0, MAX_ENTRIES)
    .map(([key, value]) => [key, SECRET_KEY.test(key) ? MASK : redactValue(value, depth)] as const);
  return Object.freeze(Object.fromEntries(entries));
}

/** What a system error says beyond its message; none of it can be a secret. */
const SYSTEM_FIELDS = ['code', 'errno', 'syscall', 'hostname', 'address', 'port'] as const;

/**
 * A copy of a thrown value that is safe to keep as a `cause`. Errors of HTTP clients carry their
 * request, headers and all, so only name, message, stack, system error fields and causes are kept.
 */
export function redactError(error: unknown, depth = MAX_DEPTH): unknown {
  if (!(error instanceof Error)) return redactValue(error);
  const copy = new Error(redact(error.message));
  copy.name = error.name;
  const fields: Record<string, unknown> = { stack: redact(error.stack ?? String(error)) };
  for (const field of SYSTEM_FIELDS) {
    const value: unknown = (error as unknown as Record<string, unknown>)[field];
    if (typeof value === 'string' || typeof value === 'number') fields[field] = value;
  }
  if (error.cause !== undefined && depth > 0) fields['cause'] = redactError(error.cause, depth - 1);
  return Object.assign(copy, fields);
}
