import {
  initSegment,
  mediaSegment,
  samplesOf,
  type MatroskaFragment,
  type MuxTrack,
} from '../../mux/index.js';
import { ServiceException } from '../exceptions.js';
import type { FragmentEntry } from '../fragments/entry.js';
import type { LocalStream } from '../streams/stream.js';
import { playableTracks, translated } from './formats.js';
import { loadFragment, loadHeader } from './media.js';
import type { PlaybackRequest } from './request.js';
import { comesAfter, inPlayingOrder, selectFragments, startOf } from './selection.js';
import { Timeline, type PlacedFragment } from './timeline.js';

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

/** One viewer's session: which fragments it has been told of, and their media. */
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
  #tracks: readonly MuxTrack[] = [];
  #measuredFrameRate = 0;
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
    this.#tracks = playableTracks(first.version.header, this.request.format);
    const { frames } = await this.#load(first);
    const pictures = frames.filter(({ trackNumber }) => trackNumber === this.#tracks[0]?.id).length;
    this.#measuredFrameRate = (pictures * 1000) / Math.max(first.entry.duration, 1);
  }

  /** The tracks of the first fragment. */
  get tracks(): readonly MuxTrack[] {
    return this.#tracks;
  }

  /** Frames a second of the first track in the first fragment. */
  get measuredFrameRate(): number {
    return this.#measuredFrameRate;
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

  /**
   * What a decoder of one track needs for the fragment with that sequence number, where the codec
   * private data changed, and for those behind it. Throws ServiceException.
   */
  initSegment(sequence: number, trackNumber: number): Uint8Array {
    const version = this.#placed.find((placed) => placed.version.sequence === sequence)?.version;
    if (version === undefined) {
      throw new ServiceException(
        'ResourceNotFoundException',
        `No fragments of the session need the codec private data of fragment ${sequence}`,
      );
    }
    const tracks = playableTracks(version.header, this.request.format);
    return initSegment([trackOf(tracks, trackNumber)]);
  }

  /** The media of one track of a fragment. Throws ServiceException. */
  async mediaSegment(sequence: number, trackNumber: number): Promise<Uint8Array> {
    const placed = this.#find(sequence);
    const track = trackOf(this.#tracksOf(placed), trackNumber);
    const fragment = await this.#load(placed);
    const begin = this.request.format === 'DASH' ? placed.mediaTime : placed.start;
    const frames = fragment.frames.filter((frame) => frame.trackNumber === trackNumber);
    const samples = samplesOf(track, frames, track.timescale.fromMilliseconds(begin));
    return mediaSegment(sequence + 1, [{ track, samples }]);
  }

  #tracksOf({ version, failure }: PlacedFragment): MuxTrack[] {
    if (failure !== undefined) throw failure;
    return playableTracks(version.header, this.request.format);
  }

  async #load({ entry }: PlacedFragment): Promise<MatroskaFragment> {
    const fragment = await loadFragment(this.stream.fragments, entry).catch((error: unknown) => {
      throw translated(error);
    });
    if (fragment !== undefined) return fragment;
    throw new ServiceException(
      'ResourceNotFoundException',
      `The fragment ${entry.number} is no longer retained`,
    );
  }

  #find(sequence: number): PlacedFragment {
    const first = this.#placed[0]?.sequence ?? 0;
    const placed = this.#placed[sequence - first];
    if (placed !== undefined) return placed;
    throw new ServiceException(
      'ResourceNotFoundException',
      `The session has no fragment ${sequence}; it has ${first} to ${first + this.#placed.length - 1}`,
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
    for (const entry of this.#candidates()) {
      if (!this.#isDue()) break;
      await this.#add(entry);
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

  async #add(entry: FragmentEntry): Promise<void> {
    const header = await loadHeader(this.stream.fragments, entry);
    // It has been removed since, because of its age.
    if (header === undefined) return;
    const placed = this.#timeline.place(entry, header);
    this.#placed.push(placed);
    this.#raiseTargetDuration(entry.duration);
    const playing = this.#placed.at(-FIRST_REPLAYED);
    if (playing !== undefined) this.#due += playing.entry.duration;
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

function trackOf(tracks: readonly MuxTrack[], trackNumber: number): MuxTrack {
  const track = tracks.find(({ id }) => id === trackNumber);
  if (track !== undefined) return track;
  throw new ServiceException(
    'ResourceNotFoundException',
    `The stream has no track ${trackNumber}; its tracks are ${tracks.map(({ id }) => id).join(', ')}`,
  );
}

function noFragments(): ServiceException {
  return new ServiceException(
    'ResourceNotFoundException',
    'No fragments found in the stream for the streaming request.',
  );
}
