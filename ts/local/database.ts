/**
 * The embedded database that holds the streams' records and the index of their fragments. Media are
 * files beside it: LevelDB writes every value to its log, then to a table, and again with each
 * compaction that moves the table down, which for megabytes of video would be many times the disk's work.
 */
import type * as Level from 'classic-level';
import { KinesisVideoError } from '../internal/errors.js';
import { requireModule } from '../internal/require.js';

/** One change of the database. Values are stored as JSON. */
export type Change =
  | { readonly type: 'put'; readonly key: string; readonly value: object }
  | { readonly type: 'del'; readonly key: string };

interface WaitingWrite {
  readonly changes: readonly EncodedChange[];
  readonly durable: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

type EncodedChange =
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'del'; readonly key: string };

/** Entries that are read at a time. */
const READ_COUNT = 1000;
const READ_BYTES = 1024 * 1024;

/** Keys and values on disk, which survive the end of the process at any moment. */
export class Database {
  readonly #level: Level.ClassicLevel;
  #waiting: WaitingWrite[] = [];
  #writing: Promise<void> | undefined;
  #closed = false;

  private constructor(level: Level.ClassicLevel) {
    this.#level = level;
  }

  /**
   * Opens the database in `directory`, which is made when it is missing. Throws KinesisVideoError when
   * the package for it is not installed, when another process has it open, or when it is damaged.
   */
  static async open(directory: string): Promise<Database> {
    const { ClassicLevel } = loadLevel();
    const level = new ClassicLevel(directory);
    try {
      await level.open();
    } catch (error) {
      throw openFailure(directory, error);
    }
    return new Database(level);
  }

  /** Calls `visit` for each key that begins with `prefix`, in their order, with the rest of the key. */
  async read(prefix: string, visit: (rest: string, value: unknown) => void): Promise<void> {
    const iterator = this.#level.iterator<Buffer, string>({
      gte: Buffer.from(prefix),
      lt: Buffer.from(`${prefix}\xff`, 'latin1'),
      keyEncoding: 'buffer',
      valueEncoding: 'utf8',
      highWaterMarkBytes: READ_BYTES,
    });
    try {
      for (;;) {
        const entries = await iterator.nextv(READ_COUNT);
        if (entries.length === 0) return;
        // A slice of a string would keep the whole of it in memory; a slice of bytes is a new string.
        for (const [key, value] of entries) {
          visit(key.toString('latin1', prefix.length), JSON.parse(value));
        }
      }
    } finally {
      await iterator.close();
    }
  }

  /**
   * Makes all of `changes` or none, after those that were given before. With `durable` they survive a
   * loss of power once the promise is fulfilled. What comes while the disk is busy is written together.
   */
  write(changes: readonly Change[], durable: boolean): Promise<void> {
    // As of now: the caller may go on changing the values.
    const encoded = changes.map((change) =>
      change.type === 'put' ? { ...change, value: JSON.stringify(change.value) } : change,
    );
    if (this.#closed) return Promise.reject(new Error('The database is closed'));
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ changes: encoded, durable, resolve, reject });
    });
    this.#writing ??= this.#writeAll();
    return written;
  }

  /** Finishes what has been given to `write`, and lets another process open the database. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    await this.#level.close();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0);
      try {
        const changes = group.flatMap((write) => write.changes);
        await this.#level.batch([...changes], { sync: group.some(({ durable }) => durable) });
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
        await this.#startNewLog();
      }
    }
    this.#writing = undefined;
  }

  /**
   * After a write that failed, as on a full disk, the log may end in the middle of a record, and what
   * was appended behind it would be lost with the next start. Opening begins a new log.
   */
  async #startNewLog(): Promise<void> {
    try {
      await this.#level.close();
      await this.#level.open();
    } catch {
      // The next write fails, too, says why, and tries this again.
    }
  }
}

function loadLevel(): typeof Level {
  try {
    return requireModule('classic-level') as typeof Level;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    const problem = missing
      ? 'is not installed. Run `npm install classic-level`.'
      : 'cannot be loaded here. Run `npm rebuild classic-level --build-from-source`, which needs Python, make and a C++ compiler.';
    throw new KinesisVideoError(
      'STATUS_NOT_IMPLEMENTED',
      `The local endpoint keeps its index with the optional package classic-level, which ${problem}`,
      { cause: error },
    );
  }
}

function openFailure(directory: string, error: unknown): KinesisVideoError {
  const { cause } = error as { cause?: NodeJS.ErrnoException };
  const values = { directory };
  if (cause?.code === 'LEVEL_LOCKED') return inUse(directory, error);
  if (cause?.code === 'LEVEL_CORRUPTION') {
    return new KinesisVideoError(
      'STATUS_READ_FILE_FAILED',
      `The index in ${directory} is damaged: ${cause.message}. Restore the data folder from a copy, or use another dataDir.`,
      { values, cause: error },
    );
  }
  return new KinesisVideoError(
    'STATUS_OPEN_FILE_FAILED',
    `The index in ${directory} cannot be opened: ${(cause ?? (error as Error)).message}. Choose another dataDir.`,
    { values, cause: error },
  );
}

/** The error for a data folder that another endpoint works with. */
export function inUse(directory: string, cause?: unknown): KinesisVideoError {
  return new KinesisVideoError(
    'STATUS_OPEN_FILE_FAILED',
    `Another local endpoint uses the data in ${directory}. End it first, or use another dataDir.`,
    { values: { directory }, cause },
  );
}
