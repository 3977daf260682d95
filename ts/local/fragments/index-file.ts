/** The list of the fragments on disk: one JSON object a line, appended when a fragment is complete. */
import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';

/** What is known about one fragment without opening its file. */
export interface FragmentEntry {
  readonly number: string;
  /** Milliseconds since the Unix epoch, fractions possible. */
  readonly producerTimestamp: number;
  readonly serverTimestamp: number;
  /** The Cluster's timestamp as sent, in units of the Segment's scale. */
  readonly timecode: number;
  /** Milliseconds from the first frame to the end of the last. */
  readonly duration: number;
  /** Bytes of the file. */
  readonly size: number;
  /** Where in the file the Cluster begins. */
  readonly clusterOffset: number;
}

/**
 * Reads the entries at `path`; none when the file does not exist. `intact` is false when the file
 * must be written anew before anything is added to it.
 */
export async function readIndex(
  path: string,
): Promise<{ entries: FragmentEntry[]; intact: boolean }> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n');
  // A crash can leave half a line behind, which stands for a fragment that nobody was told of.
  const torn = lines.pop() !== '';
  const entries = lines.map(parseEntry).filter((entry) => entry !== undefined);
  return { entries, intact: !torn && entries.length === lines.length };
}

/** Adds `entry` to the file at `path`; with `durable` it is on the disk when the promise is fulfilled. */
export async function appendToIndex(
  path: string,
  entry: FragmentEntry,
  durable: boolean,
): Promise<void> {
  await appendFile(path, `${JSON.stringify(entry)}\n`, { flush: durable });
}

/** Replaces the file at `path` so that a crash leaves either the old list or the new one. */
export async function rewriteIndex(path: string, entries: readonly FragmentEntry[]): Promise<void> {
  const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  await writeFile(`${path}.new`, text, { flush: true });
  await rename(`${path}.new`, path);
}

function parseEntry(line: string): FragmentEntry | undefined {
  try {
    const entry = JSON.parse(line) as FragmentEntry;
    return typeof entry.number === 'string' ? entry : undefined;
  } catch {
    return undefined;
  }
}
