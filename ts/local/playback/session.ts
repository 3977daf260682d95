import type { MatroskaFragment, MuxTrack } from '../../mux/index.js';
import { ServiceException } from '../exceptions.js';
import type { FragmentEntry } from '../fragments/entry.js';
import type { LocalStream } from '../streams/stream.js';
import { playableTracks, translated } from './formats.js';
import { loadFragment, loadHeader, spanOf } from './media.js';
import { MediaRates } from './rates.js';
import type { PlaybackRequest } from './request.js';
import { comesAfter, inPlayingOrder, selectFragments, startOf } from './selection.js';
import { spacing, Timeline, type PlacedFragment, type TrackVersion } from './timeline.js';

/** A live session is refused when nothing has come for this long. */
const LIVE_WINDOW_MS = 30_000;
/** With this many fragments to begin with, players that stay behind the end begin at the start. */
const FIRST_REPLAYED = 3;
/** Playlists that a fragment can be fetched for after it was dropped from the current one. */
const KEPT_PLAYLISTS = 3;
/** Fragments that tell how long those to come will be. */
const RECENT = 100;
/** The longest that a fragment which began before the end of a range may take to be complete. */
const MAX_FRAGMENT_MS = 20_000;
/** How long a fragment is played of which nothing tells it. */
const FALLBACK_DURATION_MS = 1000;

/** What is known of a session once it has begun. */
interface Beginning {
  /** The tracks of the first fragment. */
  readonly tracks: readonly MuxTrack[];
  readonly rates: MediaRates;
  /** Where the time line without gaps begins, in milliseconds. */
  readonly mediaStart: number;
  /**
   * The instant at which a player that counts from the beginning of the time line finds each
   * fragment complete, in epoch milliseconds: that of the server, whichever the fragments' clock.
   */
  readonly availabilityStart: number;
}

/** One viewer's session: which fragments it has been told of, in which order and when. */
export class PlaybackSession {
  readonly request: PlaybackRequest;
  readonly stream: LocalStream;
  /** When it began and when it ends, in epoch milliseconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly #now: () => number;
  readonly #timeline: Timeline;
  /** Oldest first; the playlist is the end of it. */
  #placed: PlacedFragment[] = [];
  #discontinuitiesBefore = 0;
  /** When the next fragment of a replay is due. */
  #due: number;
  #complete = false;
  #beginning: Beginning | undefined;
  #targetDuration = 1;
  #updating: Promise<void> = Promise.resolve();

  constructor(stream: LocalStream, request: PlaybackRequest, now: () => number) {
    this.stream = stream;
    this.request = request;
    this.#now = now;
    this.createdAt = now();
    this.expiresAt = this.createdAt + request.lifetime;
    this.#due = this.createdAt;
    this.#timeline = new Timeline(request);
  }

  /**
   * Looks for the first fragments. Throws ServiceException when there are none, or when they cannot
   * be played in the format that was asked for.
   */
  async begin(): Promise<void> {
    this.#requireFragments();
    // It must not change later, as it would with a longer fragment.
    for (const { duration } of this.stream.fragments.entries.slice(-RECENT)) {
      this.#raiseTargetDuration(duration);
    }
    await this.update();
    const [first] = this.#placed;
    if (first === undefined) throw noFragments();
    this.#beginning = {
      tracks: playableTracks(first.version.header, this.request.format),
      rates: new MediaRates(await this.load(first.entry), first.duration),
      mediaStart: first.mediaTime,
      availabilityStart: this.#availabilityOf(first),
    };
  }

  /** What is known since `begin`. */
  get beginning(): Beginning {
    if (this.#beginning === undefined) throw noFragments();
    return this.#beginning;
  }

  /** The endpoint's time, in epoch milliseconds. */
  get now(): number {
    return this.#now();
  }

  /** Whole seconds that no fragment so far has exceeded, rounded as RFC 8216 section 4.3.3.1 says. */
  get targetDuration(): number {
    return this.#targetDuration;
  }

  /** Whether no fragment will be added any more. */
  get complete(): boolean {
    return this.#complete;
  }

  /** The fragments that a playlist lists now. */
  get listed(): readonly PlacedFragment[] {
    return this.#placed.slice(-this.request.maxResults);
  }

  /** How many discontinuities were in the fragments that have left the playlist. */
  get discontinuitiesBefore(): number {
    const { length } = this.#placed;
    const gone = this.#placed.slice(0, Math.max(0, length - this.request.maxResults));
    return this.#discontinuitiesBefore + countDiscontinuities(gone);
  }

  /** Adds the fragments that have come meanwhile. */
  update(): Promise<void> {
    this.#updating = this.#updating.catch(() => undefined).then(() => this.#update());
    return this.#updating;
  }

  /** The fragment with that sequence number. Throws ResourceNotFoundException. */
  find(sequence: number): PlacedFragment {
    const first = this.#placed[0]?.sequence ?? 0;
    const placed = this.#placed[sequence - first];
    if (placed !== undefined) return placed;
    throw new ServiceException(
      'ResourceNotFoundException',
      `The session has no fragment ${sequence}; it has ${first} to ${first + this.#placed.length - 1}`,
    );
  }

  /** The codec private data that begin with that sequence number. Throws ResourceNotFoundException. */
  versionOf(sequence: number): TrackVersion {
    const placed = this.#placed.find(({ version }) => version.sequence === sequence);
    if (placed !== undefined) return placed.version;
    throw new ServiceException(
      'ResourceNotFoundException',
      `No fragment of the session needs the codec private data of fragment ${sequence}`,
    );
  }

  /** Reads the media of a fragment. Throws ServiceException. */
  async load(entry: FragmentEntry): Promise<MatroskaFragment> {
    const fragment = await loadFragment(this.stream.fragments, entry).catch((error: unknown) => {
      throw translated(error);
    });
    if (fragment !== undefined) return fragment;
    throw new ServiceException(
      'ResourceNotFoundException',
      `The fragment ${entry.number} is no longer retained`,
    );
  }

  #requireFragments(): void {
    const { mode, range, timestamps } = this.request;
    this.stream.enforceRetention();
    const { entries } = this.stream.fragments;
    if (mode !== 'LIVE' && range !== undefined) {
      if (selectFragments(entries, range, timestamps).length === 0) throw noFragments();
      return;
    }
    const newest = entries.at(-1);
    const end = newest === undefined ? -Infinity : newest.serverTimestamp + newest.duration;
    if (end < this.#now() - LIVE_WINDOW_MS) throw noFragments();
  }

  async #update(): Promise<void> {
    if (this.#complete) return;
    this.stream.enforceRetention();
    const candidates = this.#candidates();
    for (const [index, entry] of candidates.entries()) {
      if (!this.#isDue()) break;
      await this.#add(entry, candidates[index + 1]);
    }
    this.#forget();
  }

  /** The fragments that can be added, in their order. */
  #candidates(): FragmentEntry[] {
    const { mode, range, timestamps, maxResults } = this.request;
    const { entries } = this.stream.fragments;
    const last = this.#timeline.last?.entry;
    if (range === undefined) {
      const newest = inPlayingOrder(entries.slice(-maxResults), timestamps);
      return newest.filter((entry) => !last || comesAfter(entry, last, timestamps));
    }
    const selected = selectFragments(entries, range, timestamps);
    if (mode === 'ON_DEMAND') {
      this.#complete = true;
      return selected.slice(0, maxResults);
    }
    const fresh = selected.filter((entry) => !last || comesAfter(entry, last, timestamps));
    this.#complete = fresh.length === 0 && this.#isOver(range.to);
    return fresh;
  }

  /** Whether nothing can come any more that begins by `end`. */
  #isOver(end: number | undefined): boolean {
    if (end === undefined) return false;
    const newest = this.stream.fragments.entries.at(-1);
    const passed = newest !== undefined && startOf(newest, this.request.timestamps) > end;
    return passed || this.#now() > end + MAX_FRAGMENT_MS;
  }

  /** In a replay, a fragment is added when the one before has been played. */
  #isDue(): boolean {
    const count = (this.#timeline.last?.sequence ?? -1) + 1;
    return (
      this.request.mode !== 'LIVE_REPLAY' || count < FIRST_REPLAYED || this.#now() >= this.#due
    );
  }

  async #add(entry: FragmentEntry, next: FragmentEntry | undefined): Promise<void> {
    const header = await loadHeader(this.stream.fragments, entry).catch((error: unknown) => {
      throw translated(error);
    });
    // It has been removed since, because of its age.
    if (header === undefined) return;
    const exact = (next && spacing(entry, next)) ?? (await this.#measure(entry));
    const duration = exact || (this.#timeline.last?.duration ?? FALLBACK_DURATION_MS);
    const placed = this.#timeline.place(entry, header, duration);
    this.#placed.push(placed);
    this.#raiseTargetDuration(duration);
    const playing = this.#placed.at(-FIRST_REPLAYED);
    if (playing !== undefined) this.#due += playing.duration;
  }

  /** Milliseconds to the end of the last frame of the first track, beside which others overhang. */
  async #measure(entry: FragmentEntry): Promise<number> {
    try {
      const fragment = await this.load(entry);
      const [track] = playableTracks(fragment, this.request.format);
      if (track === undefined) return entry.duration;
      return spanOf(track, fragment);
    } catch {
      // What is wrong with it will be told when its media are asked for.
      return entry.duration;
    }
  }

  /** A replay makes as if its first fragments had arrived just now. */
  #availabilityOf(first: PlacedFragment): number {
    if (this.request.mode !== 'LIVE_REPLAY') return first.entry.serverTimestamp;
    const shown = this.#placed.reduce((sum, { duration }) => sum + duration, 0);
    return this.createdAt - shown;
  }

  #raiseTargetDuration(duration: number): void {
    this.#targetDuration = Math.max(this.#targetDuration, Math.round(duration / 1000));
  }

  #forget(): void {
    const excess = this.#placed.length - this.request.maxResults * KEPT_PLAYLISTS;
    if (excess <= 0) return;
    this.#discontinuitiesBefore += countDiscontinuities(this.#placed.splice(0, excess));
  }
}

function countDiscontinuities(placed: readonly PlacedFragment[]): number {
  return placed.filter(({ discontinuity }) => discontinuity).length;
}

function noFragments(): ServiceException {
  return new ServiceException(
    'ResourceNotFoundException',
    'No fragments found in the stream for the streaming request.',
  );
}
