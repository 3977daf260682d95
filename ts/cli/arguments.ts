import { parseArgs } from 'node:util';
import { KinesisVideoError } from '../internal/errors.js';
import type { Command } from './command.js';
import type { OptionTable, OptionValues } from './options.js';
import { suggest } from '../internal/suggest.js';
import { UsageError } from './usage-error.js';

/** What a command line says to a command. */
export interface ParsedArguments {
  readonly help: boolean;
  readonly options: OptionValues<OptionTable>;
  readonly operand: string;
}

interface OptionName {
  readonly key: string;
  readonly long: string;
}

/** `fragmentDuration` as `fragment-duration`. */
export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * Reads the arguments of a command.
 *
 * @throws UsageError for an option that is unknown, incomplete or out of range, and for an operand
 *   that is missing or too much
 */
export function parseArguments(command: Command, args: readonly string[]): ParsedArguments {
  const names = Object.keys(command.options).map((key) => ({ key, long: kebab(key) }));
  const { tokens } = parseArgs({
    args: [...args],
    // The messages of strict mode have no suggestions.
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      ...Object.fromEntries(names.map((name) => [name.long, descriptor(command, name)])),
    },
  });
  const given = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    if (token.name === 'help') return { help: true, options: {}, operand: '' };
    const key = checkOption(command, names, token);
    given.set(key, [...(given.get(key) ?? []), token.value ?? '']);
  }
  return {
    help: false,
    operand: readOperand(command, operands),
    options: readOptions(command, names, given),
  };
}

function descriptor(command: Command, { key }: OptionName) {
  const option = command.options[key];
  return {
    type: option?.placeholder === undefined ? ('boolean' as const) : ('string' as const),
    ...(option?.short !== undefined && { short: option.short }),
  };
}

/** Checks that an option exists and has a value when it needs one; returns its key. */
function checkOption(
  command: Command,
  names: readonly OptionName[],
  token: {
    name: string;
    rawName: string;
    value?: string | undefined;
    inlineValue?: boolean | undefined;
  },
): string {
  const key = names.find(({ long }) => long === token.name)?.key;
  const option = key === undefined ? undefined : command.options[key];
  if (key === undefined || option === undefined) throw unknownOption(command, names, token.rawName);
  const { rawName, value, inlineValue = false } = token;
  if (option.placeholder === undefined) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value`);
    return key;
  }
  // An option that follows is not meant as the value, as a lone dash and a number may be.
  const isOption = !inlineValue && /^-[^\d]/.test(value ?? '');
  if (value === undefined || isOption) {
    throw new UsageError(`${rawName} needs a value: ${rawName} ${option.placeholder}`);
  }
  return key;
}

function unknownOption(command: Command, names: readonly OptionName[], given: string): UsageError {
  const known = [...names.map(({ long }) => `--${long}`), '--help'];
  const near = suggest(given, known);
  const hint = near === undefined ? `: see kvs ${command.name} --help` : `: did you mean ${near}?`;
  return new UsageError(`${command.name} has no option ${given}${hint}`);
}

function readOperand({ name, operand }: Command, given: readonly string[]): string {
  const [first, second] = given;
  const extra = operand === undefined ? first : second;
  if (extra !== undefined) {
    const what = operand === undefined ? 'options only' : `one ${operand.name}`;
    throw new UsageError(`${name} takes ${what}, but was also given ${JSON.stringify(extra)}`);
  }
  if (operand !== undefined && first === undefined) {
    throw new UsageError(`${operand.name} is missing: see kvs ${name} --help`);
  }
  return first ?? '';
}

function readOptions(
  command: Command,
  names: readonly OptionName[],
  given: ReadonlyMap<string, readonly string[]>,
): OptionValues<OptionTable> {
  const read = names.map(({ key, long }) => {
    try {
      return [key, command.options[key]?.read(given.get(key) ?? [], `--${long}`)] as const;
    } catch (error) {
      if (error instanceof KinesisVideoError) throw new UsageError(error.message);
      throw error;
    }
  });
  return Object.fromEntries(read);
}
