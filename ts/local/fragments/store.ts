/**
 * The fragments of one stream: a file for each, and an entry in the database. A fragment exists once
 * it has its entry; files that have none are left-overs of a crash.
 */
import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { compareFragmentNumbers } from '../../parser/fragment-number.js';
import type { Change, Database } from '../database.js';
import type { FragmentEntry } from './entry.js';
import { LiveFragment, type FragmentStart } from './live-fragment.js';
import { FragmentReader } from './reader.js';
import { FragmentWriter } from './writer.js';

const EXTENSION = '.mkv';

/** What stands in the database under the number of a fragment. */
type FragmentFacts = Omit<FragmentEntry, 'number'>;

/** Fragments of one stream, in ascending order of their numbers. */
export class FragmentStore {
  readonly #directory: string;
  readonly #database: Database;
  /** Begins the keys of the entries, which end with the number. */
  readonly #prefix: string;
  readonly #entries: FragmentEntry[] = [];
  /** Fragments on their way, in the order of their numbers, which are all behind the entries'. */
  readonly #live: LiveFragment[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #commitListeners = new Set<() => void>();
  #bytes = 0;
  /** The last piece of work on the disk; everything is done in turn. */
  #work: Promise<void> = Promise.resolve();

  private constructor(directory: string, database: Database) {
    this.#directory = directory;
    this.#database = database;
    this.#prefix = `fragment!${basename(directory)}!`;
  }

  /** Opens the store whose media are in `directory`, and removes what a crash left there. */
  static async open(directory: string, database: Database): Promise<FragmentStore> {
    const store = new FragmentStore(directory, database);
    const files = new Set(await readdir(directory));
    const lost: string[] = [];
    await database.read(store.#prefix, (number, facts) => {
      if (files.delete(number + EXTENSION)) store.#add({ number, ...(facts as FragmentFacts) });
      else lost.push(number);
    });
    if (lost.length > 0) await store.#forget(lost);
    for (const stray of files) await rm(join(directory, stray), { recursive: true, force: true });
    return store;
  }

  /** Every fragment held, oldest first. */
  get entries(): readonly FragmentEntry[] {
    return this.#entries;
  }

  /** The file of a fragment. */
  path(number: string): string {
    return join(this.#directory, number + EXTENSION);
  }

  /** Fragments that are not complete or not on disk yet, oldest first; most often one at most. */
  get live(): readonly LiveFragment[] {
    // Before its times are known, a fragment cannot be handed out.
    return this.#live.filter((fragment) => fragment.timecode !== undefined);
  }

  /** Begins a new fragment, whose number must be behind all others. */
  begin(start: FragmentStart): LiveFragment {
    const writer = new FragmentWriter(this.path(start.number));
    const fragment = new LiveFragment(start, writer, () => {
      this.#tell();
    });
    this.#live.push(fragment);
    return fragment;
  }

  /**
   * Adds a fragment that has arrived completely, after all that were given before it. With `durable`
   * it survives a loss of power from then on. Rejects with the error of the file system.
   */
  commit(fragment: LiveFragment, duration: number, durable: boolean): Promise<FragmentEntry> {
    return this.#inTurn(async () => {
      try {
        const entry = await fragment.complete(duration, durable);
        const { number, ...facts } = entry;
        const key = this.#prefix + number;
        // The index comes last, so that what it names is on the disk whenever the process ends.
        await this.#database.write([{ type: 'put', key, value: facts }], durable);
        this.#add(entry);
        this.#settle(fragment, 'stored');
        return entry;
      } catch (error) {
        await this.discard(fragment);
        throw error;
      }
    });
  }

  /** Drops a fragment that will never be complete. */
  async discard(fragment: LiveFragment): Promise<void> {
    this.#settle(fragment, 'failed');
    await fragment.discard();
  }

  /** The first complete fragment behind `number`; behind '' is the oldest. */
  after(number: string): FragmentEntry | undefined {
    return this.#entries[this.#upperBound(number)];
  }

  /** The complete fragment of that number, which may begin with zeros. */
  find(number: string): FragmentEntry | undefined {
    const entry = this.#entries[this.#upperBound(number) - 1];
    return entry && compareFragmentNumbers(entry.number, number) === 0 ? entry : undefined;
  }

  /** The first fragment behind `number`, be it complete or still arriving. */
  next(number: string): FragmentEntry | LiveFragment | undefined {
    const isBehind = (live: LiveFragment): boolean =>
      compareFragmentNumbers(live.number, number) > 0;
    return this.after(number) ?? this.live.find(isBehind);
  }

  /** Opens a fragment for reading. The reader must be closed. */
  read(fragment: FragmentEntry | LiveFragment): FragmentReader {
    const live = fragment instanceof LiveFragment ? fragment : undefined;
    return new FragmentReader(this.path(fragment.number), live);
  }

  /**
   * Calls `listener` when a fragment begins, when more of it can be read, and when it is complete
   * or lost, until the returned function is called.
   */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `listener` after each commit, until the returned function is called. */
  onCommit(listener: () => void): () => void {
    this.#commitListeners.add(listener);
    return () => this.#commitListeners.delete(listener);
  }

  /** Drops the oldest fragments while they came before `oldest` (epoch ms) or all exceed `maxBytes`. */
  prune(oldest: number, maxBytes: number): void {
    let count = 0;
    for (const entry of this.#entries) {
      if (entry.serverTimestamp >= oldest && this.#bytes <= maxBytes) break;
      this.#bytes -= entry.size;
      count += 1;
    }
    if (count === 0) return;
    const dropped = this.#entries.splice(0, count);
    this.#inTurn(() => this.#remove(dropped)).catch(() => {
      // Files that cannot be removed now are strays, which the next start removes.
    });
  }

  /** What removes every entry from the database. The files are not touched. */
  removal(): Change[] {
    return this.#removals(this.#entries.map(({ number }) => number));
  }

  /** Waits for all work on the disk. */
  async settled(): Promise<void> {
    await this.#work;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  #settle(fragment: LiveFragment, state: 'stored' | 'failed'): void {
    const at = this.#live.indexOf(fragment);
    if (at >= 0) this.#live.splice(at, 1);
    fragment.settle(state);
    if (state === 'failed') return;
    for (const listener of [...this.#commitListeners]) listener();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** Adds an entry that is behind all others. */
  #add(entry: FragmentEntry): void {
    this.#entries.push(entry);
    this.#bytes += entry.size;
  }

  #upperBound(number: string): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const candidate = this.#entries[middle] as FragmentEntry;
      if (compareFragmentNumbers(candidate.number, number) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async #remove(dropped: readonly FragmentEntry[]): Promise<void> {
    await this.#forget(dropped.map(({ number }) => number));
    for (const { number } of dropped) await rm(this.path(number), { force: true });
  }

  async #forget(numbers: readonly string[]): Promise<void> {
    await this.#database.write(this.#removals(numbers), false);
  }

  #removals(numbers: readonly string[]): Change[] {
    return numbers.map((number) => ({ type: 'del', key: this.#prefix + number }));
  }
}
