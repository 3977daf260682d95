/**
 * The fragments of one stream on disk: `fragments/<number>.mkv` and `index.jsonl` beside them. A
 * fragment exists once it is in the index; files that are not in it are left-overs of a crash.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { appendToIndex, readIndex, rewriteIndex, type FragmentEntry } from './index-file.js';
import { compareFragmentNumbers } from './number.js';
import { FragmentWriter } from './writer.js';

const EXTENSION = '.mkv';
/** Lines of removed fragments that the index may hold before it is written anew. */
const MAX_STALE_LINES = 1000;

/** What the writer of a fragment tells the store about it. */
export type FragmentFacts = Omit<FragmentEntry, 'size'>;

/** Fragments of one stream, in ascending order of their numbers. */
export class FragmentStore {
  readonly #directory: string;
  readonly #indexPath: string;
  readonly #entries: FragmentEntry[];
  readonly #listeners = new Set<() => void>();
  #bytes: number;
  #indexLines: number;
  /** The last piece of work on the disk; everything is done in turn. */
  #work: Promise<void> = Promise.resolve();

  private constructor(streamDirectory: string, entries: FragmentEntry[]) {
    this.#directory = join(streamDirectory, 'fragments');
    this.#indexPath = join(streamDirectory, 'index.jsonl');
    this.#entries = entries;
    this.#indexLines = entries.length;
    this.#bytes = entries.reduce((sum, entry) => sum + entry.size, 0);
  }

  /** Opens the store in a stream's folder and removes what a crash left there. */
  static async open(streamDirectory: string): Promise<FragmentStore> {
    const store = new FragmentStore(streamDirectory, []);
    await mkdir(store.#directory, { recursive: true });
    const { entries, intact } = await readIndex(store.#indexPath);
    const files = new Set(await readdir(store.#directory));
    const present = entries.filter((entry) => files.delete(entry.number + EXTENSION));
    for (const stray of files) await rm(join(store.#directory, stray), { force: true });
    present.sort((a, b) => compareFragmentNumbers(a.number, b.number));
    if (!intact || present.length < entries.length) await rewriteIndex(store.#indexPath, present);
    return new FragmentStore(streamDirectory, present);
  }

  /** Every fragment held, oldest first. */
  get entries(): readonly FragmentEntry[] {
    return this.#entries;
  }

  /** The file of a fragment. */
  path(number: string): string {
    return join(this.#directory, number + EXTENSION);
  }

  /** Begins a new fragment. It belongs to the store once `commit` has been called. */
  create(number: string): FragmentWriter {
    return new FragmentWriter(this.path(number));
  }

  /**
   * Adds a completely written fragment, after all that were given before it. With `durable` it
   * survives a loss of power from then on. Rejects with the error of the file system.
   */
  commit(writer: FragmentWriter, facts: FragmentFacts, durable: boolean): Promise<void> {
    return this.#inTurn(async () => {
      await writer.commit(durable);
      const entry = { ...facts, size: writer.size };
      await appendToIndex(this.#indexPath, entry, durable);
      this.#indexLines += 1;
      this.#insert(entry);
      for (const listener of [...this.#listeners]) listener();
    });
  }

  /** The first fragment behind `number`; behind '' is the oldest. */
  after(number: string): FragmentEntry | undefined {
    return this.#entries[this.#upperBound(number)];
  }

  /** Calls `listener` after each commit, until the returned function is called. */
  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
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

  /** Waits for all work on the disk. */
  async settled(): Promise<void> {
    await this.#work;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => undefined);
    return done;
  }

  #insert(entry: FragmentEntry): void {
    this.#entries.splice(this.#upperBound(entry.number), 0, entry);
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
    for (const entry of dropped) await rm(this.path(entry.number), { force: true });
    if (this.#indexLines - this.#entries.length <= MAX_STALE_LINES) return;
    const kept = [...this.#entries];
    await rewriteIndex(this.#indexPath, kept);
    this.#indexLines = kept.length;
  }
}
