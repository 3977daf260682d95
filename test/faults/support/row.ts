import type { DropReason, StatusName } from '../../../ts/index.js';
import type { World, WorldOptions } from './world.js';

/** A fault, and what must be true once it is over. One line of the table. */
export interface FaultRow {
  readonly fault: string;
  /** Where in the life of a stream it strikes. */
  readonly phase: string;
  /** Makes the fault. */
  readonly inject: (world: World) => unknown;
  /** Ends it. Default: everything injected is healed. */
  readonly repair?: (world: World) => unknown;
  /** Milliseconds between the two. Default 2000. */
  readonly lasts?: number;
  /**
   * When it strikes: while media flows (default), before the stream is made, or when `stop` is called.
   * A stream that cannot be made is made again, as a program would, if trying again makes sense.
   */
  readonly when?: 'streaming' | 'start' | 'stop';
  /** How the producer and the endpoint differ from the usual. A function is called for each run. */
  readonly world?: WorldOptions | (() => WorldOptions);
  /** The code that at least one error must have. */
  readonly code?: StatusName;
  /** The stream has to fail, with this code. */
  readonly fatal?: StatusName;
  /** Reasons for which frames may be dropped; `must` says that some have to be. Default: none. */
  readonly drops?: { readonly reasons: readonly DropReason[]; readonly must?: boolean };
  /** Looks at what only this row knows; returns what is wrong. */
  readonly check?: (world: World) => string | undefined | Promise<string | undefined>;
  /** Runs in a network namespace of its own, for which it has to be root. */
  readonly namespace?: boolean;
  /** Why it fails for now: it is counted as skipped until it passes. */
  readonly todo?: string;
}

/** How a row went. */
export interface Outcome {
  readonly title: string;
  /** Milliseconds from the repair to the first PERSISTED of media that was put after it. */
  readonly recovery: number | undefined;
  readonly accepted: number;
  readonly persisted: number;
  readonly dropped: number;
  readonly problems: readonly string[];
  /** Milliseconds that the row took. */
  readonly took: number;
}

/** What a row is called. */
export function titleOf({ fault, phase }: FaultRow): string {
  return `${fault}, ${phase}`;
}
