/** How commands declare their options: each knows its help and how to read what was given. */
import { alternatives, expected } from '../internal/options.js';
import { UsageError } from './usage-error.js';

/** Turns the text of one option into its value. Throws KinesisVideoError or UsageError. */
export type Parser<T> = (text: string, name: string) => T;

/** One option of a command. */
export interface Option<T> {
  /** What stands for its value in the help. A flag has none. */
  readonly placeholder?: string;
  /** The letter of its short form. */
  readonly short?: string;
  readonly help: string;
  /** Makes the value out of all that was given for `name` (with dashes), which may be nothing. */
  readonly read: (given: readonly string[], name: string) => T;
}

/** The options of a command by their names in camelCase. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** What the options of a table are read into. */
export type OptionValues<O extends OptionTable> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

/** What the options of a table are read into when none of them is given. */
export function defaultsOf<O extends OptionTable>(table: O): OptionValues<O> {
  const entries = Object.entries(table).map(([key, option]) => [key, option.read([], key)]);
  return Object.fromEntries(entries) as OptionValues<O>;
}

/** An option that is there or not. */
export function flag(help: string): Option<boolean> {
  return { help, read: (given) => given.length > 0 };
}

/** An option with a value; of several, the last one counts. */
export function value<T>(
  placeholder: string,
  help: string,
  parse: Parser<T>,
): Option<T | undefined> {
  return {
    placeholder,
    help,
    read: (given, name) => {
      const last = given.at(-1);
      return last === undefined ? undefined : parse(last, name);
    },
  };
}

/** An option with a value that is known when it is not given. */
export function valueOr<T>(
  placeholder: string,
  help: string,
  parse: Parser<T>,
  fallback: T,
): Option<T> {
  const option = value(placeholder, help, parse);
  return { ...option, read: (given, name) => option.read(given, name) ?? fallback };
}

/** An option that must be given. */
export function required<T>(placeholder: string, help: string, parse: Parser<T>): Option<T> {
  const option = value(placeholder, help, parse);
  return {
    ...option,
    read: (given, name) => {
      const read = option.read(given, name);
      if (read === undefined) throw new UsageError(`the option ${name} ${placeholder} is missing`);
      return read;
    },
  };
}

/** An option that may be given any number of times. */
export function repeated<T>(
  placeholder: string,
  help: string,
  parse: Parser<T>,
): Option<readonly T[]> {
  return { placeholder, help, read: (given, name) => given.map((text) => parse(text, name)) };
}

/** Any text but the empty one. */
export const text: Parser<string> = (given, name) => {
  if (given === '') throw expected('a text that is not empty', name, given);
  return given;
};

/** The name of a stream. */
export const streamName: Parser<string> = (given, name) => {
  if (/^[a-zA-Z0-9_.-]{1,256}$/.test(given)) return given;
  throw expected('1 to 256 letters, digits and _ . -', name, given);
};

/** A number in a range, both ends included. `unit` is its name in the plural. */
export function number(limits: {
  min: number;
  max: number;
  unit: string;
  whole?: boolean;
}): Parser<number> {
  const { min, max, unit, whole = false } = limits;
  return (given, name) => {
    const parsed = /^\d+(\.\d+)?$/.test(given) ? Number(given) : NaN;
    if (parsed >= min && parsed <= max && (!whole || Number.isInteger(parsed))) return parsed;
    const kind = whole ? 'a whole number' : 'a number';
    throw expected(`${kind} of ${unit} from ${min} to ${max}`, name, given);
  };
}

/** One of a few words. */
export function choice<const T extends string>(...choices: readonly T[]): Parser<T> {
  return (given, name) => {
    const found = choices.find((known) => known === given);
    if (found === undefined) throw expected(alternatives(choices), name, given);
    return found;
  };
}

const SIZE_UNITS: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3 };

/** A size in bytes, such as 500000, 64M or 1.5GiB; the units are powers of 1024. */
export function size(min: number, max: number): Parser<number> {
  return (given, name) => {
    const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([kmg]?)(?:i?b)?$/i.exec(given) ?? [];
    const bytes = Math.round(Number(digits) * 1024 ** (SIZE_UNITS[unit.toLowerCase()] ?? 0));
    if (digits !== '' && bytes >= min && bytes <= max) return bytes;
    const range = `${formatBinary(min)} to ${formatBinary(max)}`;
    throw expected(`a size from ${range}, such as 64M,`, name, given);
  };
}

function formatBinary(bytes: number): string {
  if (bytes >= 1024 ** 4) return `${bytes / 1024 ** 4} TiB`;
  return bytes >= 1024 ** 3 ? `${bytes / 1024 ** 3} GiB` : `${bytes / 1024 ** 2} MiB`;
}

/** A moment in epoch milliseconds: an ISO 8601 date or the milliseconds themselves; or `now`. */
export const moment: Parser<number | 'now'> = (given, name) => {
  if (given === 'now') return given;
  const parsed = /^\d+$/.test(given) ? Number(given) : parseIso(given);
  if (Number.isInteger(parsed) && parsed >= 0 && parsed <= MAX_MOMENT) return parsed;
  throw expected('now, a date such as 2026-01-31T12:00:00Z, or epoch milliseconds', name, given);
};

/** The latest moment that a Date can hold. */
const MAX_MOMENT = 8.64e15;

function parseIso(given: string): number {
  return /^\d{4}-\d\d-\d\d/.test(given) ? Date.parse(given) : NaN;
}

/** An item of fragment metadata as a pair of name and value, within the limits of the service. */
export const metadata: Parser<readonly [name: string, value: string]> = (given, name) => {
  const [key, content] = pair(given, name, 'NAME=VALUE');
  const fits = Buffer.byteLength(key) <= 128 && Buffer.byteLength(content) <= 256;
  if (fits && !key.startsWith('AWS')) return [key, content];
  const what = 'NAME=VALUE of at most 128 and 256 bytes, the name not beginning with AWS,';
  throw expected(what, name, given);
};

/** A tag as a pair of key and value. */
export const tag: Parser<readonly [key: string, value: string]> = (given, name) => {
  return pair(given, name, 'KEY=VALUE');
};

function pair(given: string, name: string, what: string): readonly [string, string] {
  const equals = given.indexOf('=');
  if (equals < 1) throw expected(what, name, given);
  return [given.slice(0, equals), given.slice(equals + 1)];
}
