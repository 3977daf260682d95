import type { FragmentEnd, FragmentHeader, MatroskaFrame } from '../../parser/index.js';
import type { AckEvent, FragmentRow } from '../protocol.js';

/** A fragment as far as it is known, from whatever source. Times are epoch milliseconds. */
export interface LoggedFragment {
  /** Its number, or its start as long as only the producer knows of it. */
  readonly key: string;
  number: string;
  start: number;
  duration: number;
  bytes: number;
  serverTime: number | undefined;
  /** Whether all of it is known to be there. */
  isWhole: boolean;
  metadata: readonly { readonly name: string; readonly value: string }[];
  readonly acks: AckEvent[];
}

/** How many fragments are kept. */
const CAPACITY = 400;

/** Puts together what GetMedia, ListFragments and the acknowledgements tell of fragments. */
export class FragmentLog {
  readonly #fragments = new Map<string, LoggedFragment>();
  /** The one that is read, and how much of it has been. */
  #reading: LoggedFragment | undefined;
  #bytes = 0;

  /** All of them, in the order of time. */
  get fragments(): readonly LoggedFragment[] {
    return [...this.#fragments.values()].sort((one, other) => one.start - other.start);
  }

  /** The one with this key. */
  get(key: string): LoggedFragment | undefined {
    return this.#fragments.get(key);
  }

  /** Takes note of a fragment that begins to be read; one without a time is passed over. */
  begin({ fragmentNumber = '', producerTimestamp, serverTimestamp, tags }: FragmentHeader): void {
    this.#reading = undefined;
    this.#bytes = 0;
    if (producerTimestamp === undefined) return;
    const fragment = this.#find(fragmentNumber, producerTimestamp);
    fragment.number = fragmentNumber;
    fragment.serverTime = serverTimestamp;
    fragment.metadata = tags;
    this.#reading = fragment;
  }

  /** Takes note of the next frame of the fragment that is read. */
  add({ producerTimestamp, data }: MatroskaFrame): void {
    const fragment = this.#reading;
    if (fragment === undefined || producerTimestamp === undefined) return;
    this.#bytes += data.length;
    fragment.bytes = Math.max(fragment.bytes, this.#bytes);
    fragment.duration = Math.max(fragment.duration, producerTimestamp - fragment.start);
  }

  /** Takes note of the end of the fragment that is read. */
  end({ tags, bytes, duration = 0 }: FragmentEnd): void {
    const fragment = this.#reading;
    this.#reading = undefined;
    if (fragment === undefined) return;
    fragment.metadata = tags;
    fragment.bytes = Math.max(fragment.bytes, bytes);
    fragment.duration = Math.max(fragment.duration, duration);
    fragment.isWhole = true;
  }

  /** Takes note of fragments that the service holds. */
  list(rows: readonly FragmentRow[]): void {
    for (const row of rows) {
      const fragment = this.#find(row.number, row.producerTime);
      fragment.number = row.number;
      fragment.duration = row.duration;
      fragment.bytes = row.size;
      fragment.serverTime = row.serverTime;
      fragment.isWhole = true;
    }
  }

  /** Takes note of an acknowledgement. */
  acknowledge(ack: AckEvent): void {
    const { fragmentNumber = '', fragmentTime, type } = ack;
    if (fragmentTime === undefined) return;
    const fragment = this.#find(fragmentNumber, fragmentTime);
    if (fragmentNumber !== '') fragment.number = fragmentNumber;
    if (fragment.acks.some((known) => known.type === type)) return;
    fragment.acks.push(ack);
    if (type === 'PERSISTED' || type === 'ERROR') fragment.isWhole = true;
  }

  /** The fragment that begins at `start`: no stream has two of them at the same time for long. */
  #find(number: string, start: number): LoggedFragment {
    const key = String(Math.round(start));
    const known = this.#fragments.get(key);
    if (known !== undefined) return known;
    const made: LoggedFragment = {
      key,
      number,
      start,
      duration: 0,
      bytes: 0,
      serverTime: undefined,
      isWhole: false,
      metadata: [],
      acks: [],
    };
    this.#fragments.set(key, made);
    if (this.#fragments.size > CAPACITY) this.#forgetOldest();
    return made;
  }

  #forgetOldest(): void {
    const [oldest] = this.fragments;
    if (oldest !== undefined) this.#fragments.delete(oldest.key);
  }
}
