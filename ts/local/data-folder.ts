/** What stands where in the data folder: `index/` is the database, `fragments/<stream>/` holds media. */
import { access, constants, mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KinesisVideoError } from '../internal/errors.js';
import { Database, inUse } from './database.js';
import { syncDirectory } from './fragments/writer.js';

const INDEX = 'index';
const FRAGMENTS = 'fragments';
const FORMAT_KEY = 'format';
/** Goes up when an older program could not read what this one writes. */
const FORMAT_VERSION = 1;
/** What a stream's folder of the format before held. */
const FORMER_RECORD = 'stream.json';

/**
 * Folders that are open in this process. The lock of LevelDB keeps other processes out, but a second
 * attempt in the same one would not only fail: closing the lock's file releases it for everybody.
 */
const open = new Set<string>();

/** The data folder of a running endpoint. No other one can use it meanwhile. */
export class DataFolder {
  readonly database: Database;
  readonly #path: string;
  readonly #realPath: string;

  private constructor(path: string, realPath: string, database: Database) {
    this.#path = path;
    this.#realPath = realPath;
    this.database = database;
  }

  /** Opens the folder, which is made when it is missing. Throws KinesisVideoError. */
  static async open(path: string): Promise<DataFolder> {
    const names = await listFolder(path);
    const realPath = await realpath(path);
    if (open.has(realPath)) throw inUse(path);
    open.add(realPath);
    try {
      if (!names.includes(INDEX)) await refuseForeignData(path, names);
      const database = await Database.open(join(path, INDEX));
      const folder = new DataFolder(path, realPath, database);
      await folder.#begin(names).catch(async (error: unknown) => {
        await database.close();
        throw error;
      });
      return folder;
    } catch (error) {
      open.delete(realPath);
      throw error;
    }
  }

  /** The folder for the media of a stream. */
  media(folder: string): string {
    return join(this.#path, FRAGMENTS, folder);
  }

  /** Makes the folder for the media of a stream, which will be there after a loss of power, too. */
  async makeMedia(folder: string): Promise<void> {
    await mkdir(this.media(folder));
    await syncDirectory(join(this.#path, FRAGMENTS));
  }

  /** The names of all folders with media. */
  async listMedia(): Promise<string[]> {
    return await readdir(join(this.#path, FRAGMENTS));
  }

  /** Removes the media of a stream. */
  async removeMedia(folder: string): Promise<void> {
    await rm(this.media(folder), { recursive: true, force: true });
  }

  /** Finishes what is being written, and lets others use the folder. */
  async close(): Promise<void> {
    await this.database.close();
    open.delete(this.#realPath);
  }

  async #begin(names: readonly string[]): Promise<void> {
    let version: number | undefined;
    await this.database.read(FORMAT_KEY, (_rest, value) => {
      ({ version } = value as { version: number });
    });
    if (version !== undefined && version !== FORMAT_VERSION) {
      throw unusable(
        this.#path,
        `it has the format ${version}, which another version of this package wrote; this one knows ${FORMAT_VERSION}`,
      );
    }
    // An index that has just been made knows nothing of what is there.
    if (version === undefined) await refuseForeignData(this.#path, names);
    await mkdir(join(this.#path, FRAGMENTS), { recursive: true });
    await syncDirectory(this.#path);
    if (version !== undefined) return;
    const value = { version: FORMAT_VERSION };
    await this.database.write([{ type: 'put', key: FORMAT_KEY, value }], true);
  }
}

/** Makes the folder when there is none, and lists what is in it. */
async function listFolder(path: string): Promise<string[]> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
    return await readdir(path);
  } catch (error) {
    throw unusable(path, (error as Error).message, error);
  }
}

/** Throws for data without an index, which an endpoint that begins anew would remove or hide. */
async function refuseForeignData(path: string, names: readonly string[]): Promise<void> {
  if (names.includes(FRAGMENTS) && (await readdir(join(path, FRAGMENTS))).length > 0) {
    throw unusable(
      path,
      `it has a folder '${FRAGMENTS}' but no '${INDEX}' that says what is in it`,
    );
  }
  for (const name of names) {
    const record = join(path, name, FORMER_RECORD);
    const found = await access(record).then(
      () => true,
      () => false,
    );
    if (!found) continue;
    throw unusable(path, `${record} is of a format that this version does not read any more`);
  }
}

function unusable(path: string, problem: string, cause?: unknown): KinesisVideoError {
  return new KinesisVideoError(
    'STATUS_OPEN_FILE_FAILED',
    `The data folder ${path} cannot be used: ${problem}. Choose another dataDir.`,
    { values: { directory: path }, cause },
  );
}
