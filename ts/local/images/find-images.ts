import type { FragmentEntry } from '../fragments/entry.js';
import type { FragmentStore } from '../fragments/store.js';
import { loadFragment } from '../playback/media.js';
import { startOf, type TimestampType } from '../playback/selection.js';
import { extractImages, type ImageSettings } from './extract.js';

/** Which images are wanted. Times are in epoch milliseconds. */
export interface ImageQuery {
  readonly timestamps: TimestampType;
  readonly from: number;
  readonly to: number;
  /** Milliseconds from one image to the next. */
  readonly interval: number;
  /** Which image is the first one, from 0. */
  readonly first: number;
  /** How many there are at most. */
  readonly count: number;
  readonly settings: ImageSettings;
}

/** One image, or why there is none. */
export interface FoundImage {
  readonly time: number;
  /** Base64. */
  readonly content?: string;
  readonly error?: 'NO_MEDIA' | 'MEDIA_ERROR';
}

/** Frames of two fragments in a row may be so far apart, since the clock of the server is not theirs. */
const TOLERANCE_MS = 50;
/** No fragment is longer. */
const MAX_FRAGMENT_MS = 20_000;
/** Characters of an image, and of all images of a page. */
const MAX_IMAGE_CHARACTERS = 6_291_456;
const MAX_PAGE_CHARACTERS = 100_000_000;

/**
 * Makes a page of images; `next` is the first image of the next page. Throws NotImplementedException
 * when ffmpeg is not installed, and the reason of `signal`.
 */
export async function findImages(
  fragments: FragmentStore,
  query: ImageQuery,
  signal: AbortSignal,
): Promise<{ images: FoundImage[]; next: number | undefined }> {
  const times = timesOf(query);
  const nearby = fragmentsNear(fragments, query, times);
  const images: FoundImage[] = [];
  let characters = 0;
  for (const { entry, times: group } of groupByFragment(nearby, query, times)) {
    const found = await imagesOf(fragments, entry, { query, times: group, signal });
    for (const image of found) {
      characters += image.content?.length ?? 0;
      const isFull = images.length > 0 && characters > MAX_PAGE_CHARACTERS;
      if (isFull) return { images, next: query.first + images.length };
      images.push(image);
    }
  }
  const next = query.first + images.length;
  return { images, next: query.from + next * query.interval <= query.to ? next : undefined };
}

function timesOf({ from, to, interval, first, count }: ImageQuery): number[] {
  const all = Array.from({ length: count }, (_, index) => from + (first + index) * interval);
  return all.filter((time) => time <= to);
}

function fragmentsNear(
  { entries }: FragmentStore,
  { timestamps }: ImageQuery,
  times: readonly number[],
): FragmentEntry[] {
  const [first = 0, last = first] = [times[0], times.at(-1)];
  return entries.filter((entry) => {
    const start = startOf(entry, timestamps);
    return start <= last && start >= first - MAX_FRAGMENT_MS - TOLERANCE_MS;
  });
}

interface Group {
  readonly entry: FragmentEntry | undefined;
  readonly times: number[];
}

/** Times in a row that one fragment has, or none. */
function groupByFragment(
  entries: readonly FragmentEntry[],
  { timestamps }: ImageQuery,
  times: readonly number[],
): Group[] {
  const groups: Group[] = [];
  for (const time of times) {
    const entry = fragmentAt(entries, timestamps, time);
    const group = groups.at(-1);
    if (group !== undefined && group.entry === entry) group.times.push(time);
    else groups.push({ entry, times: [time] });
  }
  return groups;
}

/** The fragment that was begun last of those that are shown at `time`; of equals the newest. */
function fragmentAt(
  entries: readonly FragmentEntry[],
  timestamps: TimestampType,
  time: number,
): FragmentEntry | undefined {
  let found: FragmentEntry | undefined;
  for (const entry of entries) {
    const start = startOf(entry, timestamps);
    const isShown = start <= time && time < start + entry.duration + TOLERANCE_MS;
    if (isShown && (found === undefined || start >= startOf(found, timestamps))) found = entry;
  }
  return found;
}

async function imagesOf(
  fragments: FragmentStore,
  entry: FragmentEntry | undefined,
  { query, times, signal }: { query: ImageQuery; times: readonly number[]; signal: AbortSignal },
): Promise<FoundImage[]> {
  const failed = (error: FoundImage['error']): FoundImage[] => {
    return times.map((time) => ({ time, ...(error && { error }) }));
  };
  if (entry === undefined) return failed('NO_MEDIA');
  const fragment = await loadFragment(fragments, entry).catch(() => null);
  if (fragment === undefined) return failed('NO_MEDIA');
  if (fragment === null) return failed('MEDIA_ERROR');
  const begin = startOf(entry, query.timestamps);
  const offsets = times.map((time) => time - begin);
  const images = await extractImages(fragment, offsets, query.settings, signal);
  return times.map((time, index) => {
    const content = images[index]?.toString('base64');
    const isUsable = content !== undefined && content.length <= MAX_IMAGE_CHARACTERS;
    return isUsable ? { time, content } : { time, error: 'MEDIA_ERROR' };
  });
}
