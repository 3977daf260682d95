import { KinesisVideoError } from '../../internal/errors.js';
import { DataFolder } from '../data-folder.js';
import { ServiceException, streamNotFound } from '../exceptions.js';
import { FragmentStore } from '../fragments/store.js';
import {
  folderName,
  newVersion,
  readRecords,
  recordRemoval,
  recordWrite,
  type StreamRecord,
} from './record.js';
import { LocalStream } from './stream.js';

/** The account that owns every local stream. */
export const ACCOUNT_ID = '000000000000';

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
  readonly #folder: DataFolder;
  readonly #streams = new Map<string, LocalStream>();
  /** Names that are being created or deleted. */
  readonly #busy = new Set<string>();

  private constructor(options: RegistryOptions, folder: DataFolder) {
    this.#options = options;
    this.#folder = folder;
  }

  /** Reads the streams in the data folder. Throws KinesisVideoError when one cannot be read. */
  static async open(options: RegistryOptions): Promise<StreamRegistry> {
    const folder = await DataFolder.open(options.directory);
    const registry = new StreamRegistry(options, folder);
    try {
      await registry.#load();
      return registry;
    } catch (error) {
      await folder.close();
      throw error;
    }
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
      const record = this.#newRecord(definition, await this.#freeFolder(streamName));
      await this.#folder.makeMedia(record.folder);
      await this.#folder.database.write([recordWrite(record)], true);
      const stream = await this.#add(record);
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
      const changes = [recordRemoval(stream.record), ...stream.fragments.removal()];
      await this.#folder.database.write(changes, true);
      // A crash leaves the media to the next start.
      await this.#folder.removeMedia(stream.record.folder);
    });
  }

  /** Waits for all work on the disk and lets go of the data folder. */
  async close(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => stream.settled()));
    await this.#folder.close();
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

  /** A folder that is not there, not even on a file system that takes `Cam` and `cam` for the same. */
  async #freeFolder(streamName: string): Promise<string> {
    const taken = new Set((await this.#folder.listMedia()).map((name) => name.toLowerCase()));
    let folder = folderName(streamName);
    while (taken.has(folder.toLowerCase())) folder += '%';
    return folder;
  }

  #newRecord(definition: StreamDefinition, folder: string): StreamRecord {
    const creationTime = Math.trunc(this.#options.now());
    return {
      ...definition,
      folder,
      streamArn: this.arnOf(definition.streamName, creationTime),
      creationTime,
      kmsKeyId:
        definition.kmsKeyId ??
        `arn:aws:kms:${this.#options.region}:${ACCOUNT_ID}:alias/aws/kinesisvideo`,
      version: newVersion(),
      reservedSequence: 0,
    };
  }

  async #load(): Promise<void> {
    const media = new Set(await this.#folder.listMedia());
    for (const record of await readRecords(this.#folder.database)) {
      media.delete(record.folder);
      await this.#add(record).catch((error: unknown) => {
        throw unreadable(record, this.#folder.media(record.folder), error);
      });
    }
    for (const stray of media) await this.#folder.removeMedia(stray);
  }

  async #add(record: StreamRecord): Promise<LocalStream> {
    const { database } = this.#folder;
    const fragments = await FragmentStore.open(this.#folder.media(record.folder), database);
    const stream = new LocalStream({ record, fragments, database, now: this.#options.now });
    this.#streams.set(record.streamName, stream);
    return stream;
  }
}

function unreadable(
  { streamName }: StreamRecord,
  directory: string,
  cause: unknown,
): KinesisVideoError {
  return new KinesisVideoError(
    'STATUS_READ_FILE_FAILED',
    `The media of the stream '${streamName}' in ${directory} cannot be read: ${String(cause)}. Restore that folder, or use another dataDir.`,
    { values: { streamName, directory }, cause },
  );
}
