import type { OptionTable, OptionValues } from './options.js';

/** An argument that is not an option, such as the file to upload. */
export interface Operand {
  readonly name: string;
  readonly help: string;
}

/** What a command says about itself, and what it does. */
export interface CommandDefinition<O extends OptionTable> {
  readonly name: string;
  /** What follows `kvs` in the first line of the help. */
  readonly usage: string;
  /** What the command does, in a few lines. */
  readonly description: string;
  /** The one argument it must be given. */
  readonly operand?: Operand;
  readonly options: O;
  /** Command lines for the help. */
  readonly examples: readonly string[];
  /** Further lines at the end of the help. */
  readonly notes?: readonly string[];
  /** Does the work and returns the exit status. What it throws is reported, with status 1. */
  run(options: OptionValues<O>, operand: string): Promise<number>;
}

/** A command as the dispatcher sees it. */
export type Command = CommandDefinition<OptionTable>;

/** Keeps the types of the options for `run`, and hides them from the dispatcher. */
export function defineCommand<O extends OptionTable>(definition: CommandDefinition<O>): Command {
  return definition;
}
