/** Tags that stand beside the Cluster of a fragment: those of the service and those of the producer. */
import { MatroskaError } from './errors.js';
import type { MatroskaTag, SimpleTag } from './tags.js';

/** A name and a value that the producer has given a fragment. */
export interface FragmentTag {
  /** At most 128 bytes. */
  readonly name: string;
  /** At most 256 bytes. */
  readonly value: string;
}

/** A request of the producer to the service about one fragment. */
export interface FragmentEvent {
  /** What is asked for. */
  readonly type: 'notification' | 'image-generation';
  /** Prefix of the name of the images. */
  readonly imagePrefix?: string;
  /** What goes with the message or the images. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Why the service could not give a fragment. */
export interface FragmentError {
  /** Which one, when it is told. */
  readonly fragmentNumber?: string;
  /** The service's number of the error: 3002, 4000, 4500 to 4506, 5000. */
  readonly id?: number;
  /** The service's own words. */
  readonly message: string;
}

/** What the tags of the service say; absent members were not sent. */
export interface ServiceTags {
  fragmentNumber?: string;
  /** Milliseconds since the epoch. */
  serverTimestamp?: number;
  /** Milliseconds since the epoch, or since the producer's start when that was not told. */
  producerTimestamp?: number;
  millisBehindNow?: number;
  continuationToken?: string;
  errorId?: number;
  errorText?: string;
}

/** The content of one Tags element, sorted. */
export interface SortedTags {
  readonly service: ServiceTags;
  readonly tags: FragmentTag[];
  readonly events: FragmentEvent[];
}

const PREFIX = 'AWS_KINESISVIDEO_';
const IMAGE_PREFIX = `${PREFIX}IMAGE_PREFIX`;
const EVENTS: ReadonlyMap<string, FragmentEvent['type']> = new Map([
  [`${PREFIX}NOTIFICATION`, 'notification'],
  [`${PREFIX}IMAGE_GENERATION`, 'image-generation'],
]);

type Reader = (service: ServiceTags, text: string, name: string) => void;

const serverTimestamp: Reader = (service, text, name) => {
  service.serverTimestamp = readSeconds(text, name);
};
const producerTimestamp: Reader = (service, text, name) => {
  service.producerTimestamp = readSeconds(text, name);
};
const errorId: Reader = (service, text) => {
  if (/^\d{1,9}$/.test(text)) service.errorId = Number(text);
  else service.errorText ??= text;
};
const errorText: Reader = (service, text) => {
  service.errorText = text;
};

/** The documents and the service name some tags differently; both names are taken. */
const SERVICE: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [
    'FRAGMENT_NUMBER',
    (service, text, name) => {
      if (!/^\d{1,128}$/.test(text)) throw invalid(name, text);
      service.fragmentNumber = text;
    },
  ],
  ['SERVER_TIMESTAMP', serverTimestamp],
  ['SERVER_SIDE_TIMESTAMP', serverTimestamp],
  ['PRODUCER_TIMESTAMP', producerTimestamp],
  ['PRODUCER_SIDE_TIMESTAMP', producerTimestamp],
  [
    'MILLIS_BEHIND_NOW',
    (service, text, name) => {
      service.millisBehindNow = readCount(text, name);
    },
  ],
  [
    'CONTINUATION_TOKEN',
    (service, text) => {
      service.continuationToken = text;
    },
  ],
  ['ERROR_CODE', errorText],
  ['ERROR_ID', errorId],
  ['EXCEPTION_ERROR_CODE', errorId],
  ['EXCEPTION_MESSAGE', errorText],
]);

/**
 * Sorts the tags of a Tags element, without those about tracks. Throws INVALID_VALUE for what the service
 * cannot have sent.
 */
export function sortTags(tags: readonly MatroskaTag[]): SortedTags {
  const sorted: SortedTags = { service: {}, tags: [], events: [] };
  for (const { simpleTags, targetUids } of tags) {
    if (targetUids.length > 0) continue;
    const types = simpleTags.flatMap(({ name }) => EVENTS.get(name) ?? []);
    for (const type of types) sorted.events.push(readEvent(type, simpleTags));
    if (types.length > 0) continue;
    for (const { name, string = '' } of simpleTags) {
      const read = name.startsWith(PREFIX) && SERVICE.get(name.slice(PREFIX.length));
      if (read) read(sorted.service, string, name);
      else sorted.tags.push({ name, value: string });
    }
  }
  return sorted;
}

/** All names of an event stand in the same Tag. */
function readEvent(type: FragmentEvent['type'], simpleTags: readonly SimpleTag[]): FragmentEvent {
  const imagePrefix = simpleTags.find(({ name }) => name === IMAGE_PREFIX)?.string;
  const pairs = simpleTags.filter(({ name }) => !EVENTS.has(name) && name !== IMAGE_PREFIX);
  return {
    type,
    ...(imagePrefix !== undefined && { imagePrefix }),
    metadata: Object.fromEntries(pairs.map(({ name, string = '' }) => [name, string])),
  };
}

/** Seconds since the epoch with decimals, as milliseconds. */
function readSeconds(text: string, name: string): number {
  if (!/^\d{1,13}(\.\d{1,9})?$/.test(text)) throw invalid(name, text);
  return Math.round(Number(text) * 1000);
}

function readCount(text: string, name: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw invalid(name, text);
  // Clocks that differ can make it negative.
  return Math.max(0, Number(text));
}

function invalid(name: string, text: string): MatroskaError {
  return new MatroskaError('INVALID_VALUE', `${name} is ${JSON.stringify(text.slice(0, 60))}`);
}
