/**
 * Checking options. A table says for each option what is allowed; what it does not list is refused,
 * since a misspelt option that is silently ignored costs its user an hour.
 */
import { KinesisVideoError } from './errors.js';
import type { StatusName } from './status.js';
import { suggest } from './suggest.js';

/** Checks one value and returns it, or the default for an absent one; throws otherwise. */
export type Check<T> = (value: unknown, name: string) => T;

/** What a table of checks yields. */
export type Resolved<S extends Record<string, Check<unknown>>> = {
  readonly [K in keyof S]: ReturnType<S[K]>;
};

const INVALID: StatusName = 'STATUS_INVALID_ARG';

/**
 * Checks `input` against `shape` and returns a frozen object with every option set.
 *
 * @param owner - what the options belong to, such as `KinesisVideoClient`
 * @throws KinesisVideoError for an unknown option, with the nearest known one, and for a bad value
 */
export function resolveOptions<S extends Record<string, Check<unknown>>>(
  owner: string,
  shape: S,
  input: unknown,
): Resolved<S> {
  const given = input ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw expected('an object', `the options of ${owner}`, input);
  }
  const known = Object.keys(shape);
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) throw unknownOption(owner, key, known);
  }
  const values = given as Record<string, unknown>;
  const resolved = known.map((key) => [key, (shape[key] as Check<unknown>)(values[key], key)]);
  return Object.freeze(Object.fromEntries(resolved)) as Resolved<S>;
}

/** Makes an option optional: absent or undefined gives `fallback`. */
export function optional<T>(check: Check<T>): Check<T | undefined>;
export function optional<T, D>(check: Check<T>, fallback: D): Check<T | D>;
export function optional<T, D>(check: Check<T>, fallback?: D): Check<T | D | undefined> {
  return (value, name) => (value === undefined ? fallback : check(value, name));
}

/** A check that takes what passes `test`; `what` completes "Expected … for NAME". */
export function rule<T>(
  what: string,
  test: (value: unknown) => boolean,
  code: StatusName = INVALID,
): Check<T> {
  return (value, name) => {
    if (!test(value)) throw expected(what, name, value, code);
    return value as T;
  };
}

/** true or false. */
export const boolean: Check<boolean> = rule('true or false', (value) => typeof value === 'boolean');

/** A finite number in a range, both ends included. `unit` is its name in the plural. */
export function number(
  limits: { min: number; max: number; unit: string; whole?: boolean },
  code?: StatusName,
): Check<number> {
  const { min, max, unit, whole = false } = limits;
  const kind = whole ? 'a whole number' : 'a number';
  return rule(
    `${kind} of ${unit} from ${min} to ${max}`,
    (value) =>
      typeof value === 'number' &&
      value >= min &&
      value <= max &&
      (!whole || Number.isInteger(value)),
    code,
  );
}

/** A string that passes `test` when there is one. */
export function string(
  what = 'a string',
  test: (text: string) => boolean = () => true,
  code?: StatusName,
): Check<string> {
  return rule(what, (value) => typeof value === 'string' && test(value), code);
}

/** One of a few strings. */
export function oneOf<const T extends readonly string[]>(...choices: T): Check<T[number]> {
  const list = choices.map((choice) => `'${choice}'`);
  return rule(alternatives(list), (value) => typeof value === 'string' && choices.includes(value));
}

/** Things to choose from, inside a sentence: `a, b or c`. */
export function alternatives(choices: readonly string[]): string {
  const last = choices.at(-1) ?? '';
  return choices.length < 2 ? last : `${choices.slice(0, -1).join(', ')} or ${last}`;
}

/** A Uint8Array, such as a Buffer. */
export function bytes(
  what: string,
  test: (value: Uint8Array) => boolean,
  code?: StatusName,
): Check<Uint8Array> {
  return rule(what, (value) => value instanceof Uint8Array && test(value), code);
}

/** The error for a value that is not what was expected. Strings are shown, secrets must not get here. */
export function expected(
  what: string,
  name: string,
  value: unknown,
  code: StatusName = INVALID,
): KinesisVideoError {
  return new KinesisVideoError(code, `Expected ${what} for ${name} but received ${show(value)}.`, {
    values: { [name]: value },
    advice: `pass ${what}`,
  });
}

/**
 * The error for an option that does not exist.
 *
 * @param near - the known one that is meant, most likely
 */
export function unknownOption(
  owner: string,
  key: string,
  known: readonly string[],
  near = suggest(key, known),
): KinesisVideoError {
  const advice =
    near === undefined ? `known options are ${known.join(', ')}` : `did you mean "${near}"?`;
  return new KinesisVideoError(INVALID, `Unknown option "${key}" for ${owner}: ${advice}`, {
    values: { option: key },
    advice,
  });
}

const MAX_SHOWN = 60;

/** A value as it may stand in a sentence: short, and without what is inside of an object. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    const cut = value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
    return JSON.stringify(cut) + (cut === value ? '' : ` (${value.length} characters)`);
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength} bytes`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) {
    const name = (value.constructor as { name?: string } | undefined)?.name;
    return name === undefined || name === 'Object' ? 'an object' : `an instance of ${name}`;
  }
  return typeof value === 'function' ? 'a function' : String(value);
}
