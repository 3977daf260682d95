/** Reading and checking the JSON members of a request, with errors that name the value and its limit. */
import { invalidArgument, ServiceException } from './exceptions.js';

/** What a text member may be. */
export interface TextRule {
  readonly min: number;
  readonly max: number;
  readonly pattern?: RegExp;
}

const SHOWN_LENGTH = 100;

/** The members of one JSON object. Getters give undefined for a member that is absent or null. */
export class Input {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #path: string;

  /** @param path - where the object sits in the request, with a dot at its end, for messages */
  constructor(members: unknown, path = '') {
    if (typeof members !== 'object' || members === null || Array.isArray(members)) {
      const where = path === '' ? 'The body' : `Member '${path.slice(0, -1)}'`;
      throw new ServiceException('SerializationException', `${where} must be a JSON object`);
    }
    this.#members = members as Record<string, unknown>;
    this.#path = path;
  }

  /** Unwraps what a getter gave; throws when the member was absent. */
  required<T>(name: string, value: T | undefined): T {
    if (value !== undefined) return value;
    throw invalidArgument(`Member '${this.#path}${name}' must not be absent or null`);
  }

  /** A string that keeps to `rule`. */
  text(name: string, rule: TextRule): string | undefined {
    const value = this.#get(name, 'string');
    if (value !== undefined) checkText(value, rule, this.#path + name);
    return value;
  }

  /** A whole number within the limits, both included. */
  integer(name: string, min: number, max: number): number | undefined {
    const value = this.#get(name, 'number');
    if (value === undefined) return undefined;
    if (!Number.isSafeInteger(value) || value < min || value > max) {
      throw unsatisfied(value, this.#path + name, `it must be an integer from ${min} to ${max}`);
    }
    return value;
  }

  /** true or false. */
  boolean(name: string): boolean | undefined {
    return this.#get(name, 'boolean');
  }

  /** One of `choices`. */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.#get(name, 'string');
    if (value === undefined) return undefined;
    const known = choices.find((choice) => choice === value);
    if (known === undefined) {
      throw unsatisfied(value, this.#path + name, `it must be one of [${choices.join(', ')}]`);
    }
    return known;
  }

  /** An instant in epoch seconds, as milliseconds. */
  timestamp(name: string): number | undefined {
    const value = this.#get(name, 'number');
    if (value === undefined) return undefined;
    if (!Number.isFinite(value)) {
      throw unsatisfied(value, this.#path + name, 'it must be a number of epoch seconds');
    }
    return value * 1000;
  }

  /** A nested object. */
  object(name: string): Input | undefined {
    const value = this.#members[name] ?? undefined;
    return value === undefined ? undefined : new Input(value, `${this.#path}${name}.`);
  }

  /** A list of `min` to `max` nested objects. */
  objects(name: string, min: number, max: number): readonly Input[] | undefined {
    const value = this.#members[name] ?? undefined;
    if (value === undefined) return undefined;
    const path = this.#path + name;
    if (!Array.isArray(value)) throw mistyped(path, 'a list');
    checkCount(value.length, { min, max }, path);
    return value.map((item: unknown, i) => new Input(item, `${path}.${i}.`));
  }

  /** A map of strings with `min` to `max` entries. */
  textMap(
    name: string,
    rules: { key: TextRule; value: TextRule; min: number; max: number },
  ): ReadonlyMap<string, string> | undefined {
    const value = this.#members[name] ?? undefined;
    if (value === undefined) return undefined;
    const path = this.#path + name;
    const nested = new Input(value, `${path}.`);
    const keys = Object.keys(nested.#members);
    checkCount(keys.length, rules, path);
    return new Map(
      keys.map((key) => {
        checkText(key, rules.key, `${path} (key)`);
        return [key, nested.required(key, nested.text(key, rules.value))];
      }),
    );
  }

  /** A list of `min` to `max` strings. */
  textList(
    name: string,
    rules: { item: TextRule; min: number; max: number },
  ): readonly string[] | undefined {
    const value = this.#members[name] ?? undefined;
    if (value === undefined) return undefined;
    const path = this.#path + name;
    if (!Array.isArray(value)) throw mistyped(path, 'a list');
    checkCount(value.length, rules, path);
    return value.map((item: unknown, i) => {
      if (typeof item !== 'string') throw mistyped(`${path}.${i}`, 'a string');
      checkText(item, rules.item, `${path}.${i}`);
      return item;
    });
  }

  #get(name: string, type: 'string'): string | undefined;
  #get(name: string, type: 'number'): number | undefined;
  #get(name: string, type: 'boolean'): boolean | undefined;
  #get(name: string, type: 'string' | 'number' | 'boolean'): unknown {
    const value = this.#members[name] ?? undefined;
    if (value !== undefined && typeof value !== type)
      throw mistyped(this.#path + name, `a ${type}`);
    return value;
  }
}

/** Throws InvalidArgumentException when `value` breaks `rule`; `where` names the member. */
export function checkText(value: string, rule: TextRule, where: string): void {
  if (value.length < rule.min || value.length > rule.max) {
    throw unsatisfied(
      value,
      where,
      `its length must be ${rule.min} to ${rule.max}, not ${value.length}`,
    );
  }
  if (rule.pattern !== undefined && !rule.pattern.test(value)) {
    throw unsatisfied(value, where, `it must match ${rule.pattern.source}`);
  }
}

function checkCount(count: number, rules: { min: number; max: number }, path: string): void {
  if (count >= rules.min && count <= rules.max) return;
  throw unsatisfied(`${count} entries`, path, `it must have ${rules.min} to ${rules.max} entries`);
}

function unsatisfied(value: string | number, where: string, limit: string): ServiceException {
  const text = String(value);
  const shown = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
  return invalidArgument(`Value '${shown}' at '${where}' failed to satisfy constraint: ${limit}`);
}

function mistyped(where: string, expected: string): ServiceException {
  return new ServiceException('SerializationException', `Member '${where}' must be ${expected}`);
}
