import { KinesisVideoError } from '../../internal/errors.js';
import { alternatives } from '../../internal/options.js';
import { suggest } from '../../internal/suggest.js';
import type { IotCertificateOptions } from './options.js';

const NAME = 'iot-certificate';

/** The keys of the string, and the options they stand for. */
const KEYS = {
  endpoint: 'endpoint',
  'cert-path': 'certPath',
  'key-path': 'keyPath',
  'ca-path': 'caPath',
  'role-aliases': 'roleAlias',
  'iot-thing-name': 'thingName',
  'connection-timeout': 'connectTimeout',
  'completion-timeout': 'requestTimeout',
} as const satisfies Record<string, keyof IotCertificateOptions>;

const REQUIRED = ['endpoint', 'cert-path', 'key-path', 'role-aliases'] as const;

type Key = keyof typeof KEYS;

/** One `key=value`, with the type and the quotes that GStreamer allows around a value. */
const FIELD = /^\s*([^=\s]*)\s*=\s*(?:\(\w+\)\s*)?("(?:[^"\\]|\\.)*"|[^,"]*?)\s*;?\s*$/;

/** Commas that are not inside of quotes. */
const COMMAS = /,(?=(?:[^"]*"[^"]*")*[^"]*$)/;

/**
 * Reads the string that kvssink takes as `iot-certificate`:
 * `iot-certificate,endpoint=…,cert-path=…,key-path=…,ca-path=…,role-aliases=…`, and if wanted
 * `iot-thing-name=…` and, in seconds, `connection-timeout=…` and `completion-timeout=…`. A value
 * with a comma in it stands in double quotes. `ca-path` may be left out, for the authorities of
 * Node.js.
 *
 * @throws KinesisVideoError STATUS_INVALID_ARG for a key that is unknown, missing or given twice
 */
export function parseIotCertificate(text: string): IotCertificateOptions {
  const [name = '', ...fields] = text.split(COMMAS);
  if (name.trim() !== NAME) throw invalid(`it begins with ${JSON.stringify(short(name))}`, BEGIN);
  const values = new Map<Key, string>();
  for (const field of fields) {
    const [key, value] = readField(field);
    if (values.has(key)) throw invalid(`${key} is given twice`, 'leave one of them out');
    values.set(key, value);
  }
  const missing = REQUIRED.filter((key) => !values.has(key));
  if (missing.length > 0) {
    const keys = missing.join(' and ');
    throw invalid(`it has no ${keys}`, `add ${missing.map((key) => `${key}=…`).join(',')}`);
  }
  const options = Array.from(values, ([key, value]) => [KEYS[key], convert(key, value)]);
  return Object.fromEntries(options) as IotCertificateOptions;
}

const BEGIN = `begin it with ${NAME},endpoint=…`;

function readField(field: string): readonly [Key, string] {
  const match = FIELD.exec(field);
  const key = match?.[1] ?? '';
  if (match === null) {
    const what = `${JSON.stringify(short(field))} is not of the form key=value`;
    throw invalid(what, 'put a value with a comma in it into double quotes');
  }
  const known = Object.keys(KEYS);
  if (!known.includes(key)) {
    const near = suggest(key, known);
    const advice = near === undefined ? `use ${alternatives(known)}` : `did you mean ${near}?`;
    throw invalid(`it has the unknown key ${JSON.stringify(short(key))}`, advice);
  }
  const value = (match[2] ?? '').replace(/^"(.*)"$/s, (_, inner: string) =>
    inner.replace(/\\(.)/gs, '$1'),
  );
  if (value === '') throw invalid(`${key} has no value`, `write ${key}=…`);
  return [key as Key, value];
}

/** kvssink counts seconds. */
function convert(key: Key, value: string): string | number {
  if (!key.endsWith('-timeout')) return value;
  const seconds = Number(value);
  if (/^\d+(\.\d+)?$/.test(value) && seconds > 0) return seconds * 1000;
  throw invalid(`${key} is ${JSON.stringify(short(value))}`, 'give seconds, such as 5');
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function invalid(problem: string, advice: string): KinesisVideoError {
  const message = `The ${NAME} string cannot be used (${problem}): ${advice}`;
  return new KinesisVideoError(
    'STATUS_INVALID_ARG',
    advice.endsWith('?') ? message : `${message}.`,
    { advice },
  );
}
