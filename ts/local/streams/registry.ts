import { access, constants, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KinesisVideoError } from '../../internal/errors.js';
import { ServiceException, streamNotFound } from '../exceptions.js';
import { FragmentStore } from '../fragments/store.js';
import { folderName, newVersion, readRecord, writeRecord, type StreamRecord } from './record.js';
import { LocalStream } from './stream.js';

/** The account that owns every local stream. */
export const ACCOUNT_ID = '000000000000';

/** Marks a folder whose stream has been deleted; `%` cannot be part of a stream's name. */
const TRASH_MARK = '%deleted-';

/** What a caller decides about a new stream. */
export interface StreamDefinition {
  readonly streamName: string;
  readonly deviceName?: string | undefined;
  readonly mediaType?: string | undefined;
  readonly kmsKeyId?: string | undefined;
  readonly dataRetentionInHours: number;
  readonly storageTier: string;
  readonly tags: Record<string, string>;
}

/** Settings of all streams. */
export interface RegistryOptions {
  readonly directory: string;
  readonly region: string;
  readonly lifecycleDelay: number;
  readonly now: () => number;
}

/** Every stream of the endpoint. */
export class StreamRegistry {
  readonly #options: RegistryOptions;
  readonly #streams = new Map<string, LocalStream>();
  /** Names that are being created or deleted. */
  readonly #busy = new Set<string>();

  private constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Reads the streams in the data folder. Throws KinesisVideoError when one cannot be read. */
  static async open(options: RegistryOptions): Promise<StreamRegistry> {
    const registry = new StreamRegistry(options);
    for (const folder of await openFolder(options.directory)) {
      const directory = join(options.directory, folder);
      if (folder.includes(TRASH_MARK)) await rm(directory, { recursive: true, force: true });
      else await registry.#load(directory);
    }
    return registry;
  }

  /** Creates a stream. Throws ResourceInUseException when the name is taken. */
  async create(definition: StreamDefinition): Promise<LocalStream> {
    const { streamName } = definition;
    if (this.#byName(streamName) !== undefined || this.#busy.has(streamName)) {
      throw new ServiceException(
        'ResourceInUseException',
        `The stream '${streamName}' already exists.`,
      );
    }
    return await this.#whileBusy(streamName, async () => {
      const record = this.#newRecord(definition);
      const directory = this.#freeDirectory(streamName);
      await mkdir(directory, { recursive: true });
      await writeRecord(directory, record);
      const stream = await this.#add(record, directory);
      stream.enter('CREATING', this.#options.lifecycleDelay);
      return stream;
    });
  }

  /** The stream of that name or ARN. Throws ResourceNotFoundException. */
  get(reference: { name: string } | { arn: string }): LocalStream {
    const name = 'name' in reference ? reference.name : reference.arn.split('/')[1];
    const stream = this.#byName(name ?? '');
    // An ARN ends with the time of creation, so it never means a later stream of the same name.
    const wrong = 'arn' in reference && stream?.record.streamArn !== reference.arn;
    if (stream === undefined || wrong) throw streamNotFound();
    return stream;
  }

  /** The stream of that name, if there is one. */
  find(name: string): LocalStream | undefined {
    return this.#byName(name);
  }

  /** The ARN of a stream that was created at `creationTime`, in milliseconds since the Unix epoch. */
  arnOf(name: string, creationTime: number | '*'): string {
    return `arn:aws:kinesisvideo:${this.#options.region}:${ACCOUNT_ID}:stream/${name}/${creationTime}`;
  }

  /** All streams in the order of their names. */
  list(): LocalStream[] {
    const names = [...this.#streams.keys()].sort();
    return names.map((name) => this.#byName(name)).filter((stream) => stream !== undefined);
  }

  /** Marks a change that takes its time. */
  beginUpdate(stream: LocalStream): void {
    stream.enter('UPDATING', this.#options.lifecycleDelay);
  }

  /** Deletes a stream: its data at once, its name after the life-cycle delay. */
  async delete(stream: LocalStream): Promise<void> {
    const { streamName } = stream.record;
    await this.#whileBusy(streamName, async () => {
      stream.enter('DELETING', this.#options.lifecycleDelay);
      await stream.settled();
      const trash = `${stream.directory}${TRASH_MARK}${newVersion()}`;
      await rename(stream.directory, trash);
      await rm(trash, { recursive: true, force: true });
    });
  }

  /** Waits for all work on the disk. */
  async settled(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => stream.settled()));
  }

  #byName(name: string): LocalStream | undefined {
    const stream = this.#streams.get(name);
    if (stream?.gone === true && !this.#busy.has(name)) {
      this.#streams.delete(name);
      return undefined;
    }
    return stream;
  }

  async #whileBusy<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#busy.add(name);
    try {
      return await work();
    } finally {
      this.#busy.delete(name);
    }
  }

  /** A folder that no stream uses, not even on a file system that takes `Cam` and `cam` for the same. */
  #freeDirectory(streamName: string): string {
    const streams = [...this.#streams.values()];
    const taken = new Set(streams.map((stream) => stream.directory.toLowerCase()));
    let directory = join(this.#options.directory, folderName(streamName));
    while (taken.has(directory.toLowerCase())) directory += '%';
    return directory;
  }

  #newRecord(definition: StreamDefinition): StreamRecord {
    const creationTime = Math.trunc(this.#options.now());
    return {
      ...definition,
      streamArn: this.arnOf(definition.streamName, creationTime),
      creationTime,
      kmsKeyId:
        definition.kmsKeyId ??
        `arn:aws:kms:${this.#options.region}:${ACCOUNT_ID}:alias/aws/kinesisvideo`,
      version: newVersion(),
      reservedSequence: 0,
    };
  }

  async #load(directory: string): Promise<void> {
    try {
      const record = await readRecord(directory);
      if (record !== undefined) await this.#add(record, directory);
    } catch (error) {
      throw new KinesisVideoError(
        'STATUS_READ_FILE_FAILED',
        `The stream in ${directory} cannot be read. Repair or remove that folder, or use another dataDir.`,
        { values: { directory }, cause: error },
      );
    }
  }

  async #add(record: StreamRecord, directory: string): Promise<LocalStream> {
    const fragments = await FragmentStore.open(directory);
    const stream = new LocalStream({ record, fragments, directory, now: this.#options.now });
    this.#streams.set(record.streamName, stream);
    return stream;
  }
}

/** Makes the data folder when there is none, and lists what is in it. */
async function openFolder(directory: string): Promise<string[]> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
    return await readdir(directory);
  } catch (error) {
    throw new KinesisVideoError(
      'STATUS_OPEN_FILE_FAILED',
      `The data folder ${directory} cannot be used: ${(error as Error).message}. Choose another dataDir.`,
      { values: { directory }, cause: error },
    );
  }
}
