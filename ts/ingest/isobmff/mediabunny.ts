/** The one place that loads mediabunny: its code is needed for MP4 and MOV only. */
import type * as Module from 'mediabunny';

/** The module of that name. */
export type Mediabunny = typeof Module;

let loading: Promise<Mediabunny> | undefined;

/** Loads mediabunny once. */
export function loadMediabunny(): Promise<Mediabunny> {
  loading ??= import('mediabunny');
  return loading;
}

/** Calls of `quietly` in progress, and the level to go back to after the last of them. */
let silences = 0;
let formerLevel: Module.LogLevel | undefined;

/**
 * Runs `work` while mediabunny writes nothing to the console: what it warns of there, such as a
 * codec it does not know, is reported through errors and skipped tracks.
 */
export async function quietly<T>(
  { Logging, LogLevel }: Mediabunny,
  work: () => Promise<T>,
): Promise<T> {
  if (silences === 0) formerLevel = Logging.level;
  silences += 1;
  Logging.level = LogLevel.Silent;
  try {
    return await work();
  } finally {
    silences -= 1;
    if (silences === 0 && formerLevel !== undefined) Logging.level = formerLevel;
  }
}
