import { streamNotFound, ServiceException } from '../exceptions.js';
import { endOfSequenceBlock, makeFragmentNumber } from '../fragments/number.js';
import type { Database } from '../database.js';
import type { FragmentStore } from '../fragments/store.js';
import { StreamMetrics } from '../metrics/stream-metrics.js';
import { newVersion, recordWrite, type StreamRecord } from './record.js';

/** Where a stream is in its life. */
export type StreamStatus = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';

/** Something that reads or feeds a stream for a while. */
export interface StreamUser {
  readonly kind: 'putMedia' | 'getMedia' | 'getMediaForFragmentList';
  /** False once a PutMedia has taken all of its body, so that the next one may begin. */
  readonly receiving: boolean;
}

const HOUR_MS = 3_600_000;
/** What is held for live viewers of a stream that retains nothing. */
const UNRETAINED_MS = 5 * 60_000;
const UNRETAINED_BYTES = 200_000_000;

/** One stream: its description, its fragments, and who uses it at the moment. */
export class LocalStream {
  readonly record: StreamRecord;
  readonly fragments: FragmentStore;
  /** What has been measured since the endpoint began. */
  readonly metrics = new StreamMetrics();
  /** Those who use the stream now. */
  readonly users = new Set<StreamUser>();
  readonly #database: Database;
  readonly #now: () => number;
  readonly #deletion = new AbortController();
  #transition: { status: StreamStatus; until: number } | undefined;
  #sequence: number;

  constructor(parts: {
    record: StreamRecord;
    fragments: FragmentStore;
    database: Database;
    now: () => number;
  }) {
    this.record = parts.record;
    this.fragments = parts.fragments;
    this.#database = parts.database;
    this.#now = parts.now;
    this.#sequence = parts.record.reservedSequence;
  }

  /** Aborted when the stream is deleted. */
  get deleted(): AbortSignal {
    return this.#deletion.signal;
  }

  /** The status at this time. */
  get status(): StreamStatus {
    const transition = this.#transition;
    if (transition === undefined) return 'ACTIVE';
    const over = this.#now() >= transition.until && transition.status !== 'DELETING';
    if (!over) return transition.status;
    // What is over stays over, also when the clock is set back.
    this.#transition = undefined;
    return 'ACTIVE';
  }

  /** True when the deletion is complete and the stream can be forgotten. */
  get gone(): boolean {
    return this.#transition?.status === 'DELETING' && this.#now() >= this.#transition.until;
  }

  /** True when fragments are kept, and hence acknowledged as persisted. */
  get retains(): boolean {
    return this.record.dataRetentionInHours > 0;
  }

  /** Shows `status` for `delay` milliseconds. DELETING ends everything that uses the stream. */
  enter(status: StreamStatus, delay: number): void {
    this.#transition = { status, until: this.#now() + delay };
    if (status === 'DELETING') this.#deletion.abort();
  }

  /** Throws ResourceNotFoundException unless media can be put and read. */
  requireActive(): void {
    if (this.status !== 'ACTIVE') throw streamNotFound();
  }

  /**
   * Checks that the stream can be changed: ResourceInUseException unless it is ACTIVE,
   * VersionMismatchException when `currentVersion` is given and is not the current one.
   */
  requireChangeable(currentVersion: string | undefined): void {
    const { streamName, version } = this.record;
    if (this.status !== 'ACTIVE') {
      throw new ServiceException(
        'ResourceInUseException',
        `The stream '${streamName}' is ${this.status}; it can be changed when it is ACTIVE.`,
      );
    }
    if (currentVersion !== undefined && currentVersion !== version) {
      throw new ServiceException(
        'VersionMismatchException',
        `The version '${currentVersion}' is not the current version '${version}' of the stream '${streamName}'.`,
      );
    }
  }

  /** Waits for all work on the fragments. */
  async settled(): Promise<void> {
    await this.fragments.settled();
  }

  /** Makes `change` to the record and stores it durably. Throws ResourceNotFoundException when deleted. */
  async save(change: (record: StreamRecord) => void): Promise<void> {
    if (this.deleted.aborted) throw streamNotFound();
    change(this.record);
    await this.#database.write([recordWrite(this.record)], true);
  }

  /** The same for a change that gives the stream a new version. */
  async update(change: (record: StreamRecord) => void): Promise<void> {
    await this.save((record) => {
      change(record);
      record.version = newVersion();
    });
  }

  /** Moves on to fragment sequences that no earlier PutMedia has used, not even before a crash. */
  async beginSession(): Promise<void> {
    this.#sequence = endOfSequenceBlock(this.#sequence);
    await this.#reserveBlock();
  }

  /** Takes the number of the next fragment, which arrives at `time` (epoch ms). */
  nextFragmentNumber(time: number): string {
    this.#sequence += 1;
    // A failure to write shows when the fragment itself cannot be written.
    if (this.#sequence > this.record.reservedSequence) this.#reserveBlock().catch(() => undefined);
    return makeFragmentNumber(this.#sequence, time);
  }

  /** Drops the fragments that are older than the retention period. */
  enforceRetention(): void {
    const hours = this.record.dataRetentionInHours;
    const age = hours > 0 ? hours * HOUR_MS : UNRETAINED_MS;
    this.fragments.prune(this.#now() - age, hours > 0 ? Infinity : UNRETAINED_BYTES);
  }

  async #reserveBlock(): Promise<void> {
    await this.save((record) => {
      record.reservedSequence = endOfSequenceBlock(this.#sequence + 1);
    });
  }
}
