import { FragmentEvent } from '../internal/native.js';
import { boolean, expected, oneOf, optional, resolveOptions, rule } from '../internal/options.js';

/** How an item of metadata is attached. */
export interface MetadataOptions {
  /** To every fragment from now on, not to one. Default false. */
  readonly persistent?: boolean | undefined;
}

const METADATA_SHAPE = { persistent: optional(boolean, false) };

/** The core's texts end at a NUL. */
const isText = (value: unknown): boolean => typeof value === 'string' && !value.includes('\0');
const text = rule<string>('a string without NUL characters', isText);
/** Items of metadata that one fragment may have, and one event. */
export const MAX_ITEMS = 10;

/**
 * Checks the kinds of an item's parts, and tells whether it is persistent; what the service allows,
 * the core checks.
 */
export function checkItem(
  name: string,
  value: string,
  options: MetadataOptions | undefined,
): boolean {
  text(name, 'the metadata name');
  text(value, 'the metadata value');
  return resolveOptions('putFragmentMetadata', METADATA_SHAPE, options).persistent;
}

/** What the service can be asked to do with a fragment. */
export type FragmentEventName = 'image-generation' | 'notification';

/** What goes with an event. */
export interface EventMetadataOptions {
  /** What the names of the images in the bucket begin with; at most 256 bytes, not `AWS…`. */
  readonly imagePrefix?: string | undefined;
  /** At most 10 names of at most 128 bytes, not beginning with `AWS`, with values of at most 256. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

const BITS = {
  'image-generation': FragmentEvent.IMAGE,
  notification: FragmentEvent.NOTIFICATION,
} as const;

const checkName = oneOf('image-generation', 'notification');
const SHAPE = {
  imagePrefix: optional(text),
  metadata: optional(
    rule<Readonly<Record<string, string>>>(
      `an object of at most ${MAX_ITEMS} names with strings, without NUL characters,`,
      (value) =>
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.keys(value).length <= MAX_ITEMS &&
        Object.entries(value).flat().every(isText),
    ),
    {},
  ),
};

/** An event in the core's terms. */
export interface NativeFragmentEvent {
  readonly bits: number;
  readonly imagePrefix: string | null;
  readonly pairs: readonly string[];
}

/** Checks the kinds of the arguments; what the service allows, the core checks. */
export function toNativeEvent(
  events: FragmentEventName | readonly FragmentEventName[],
  options: EventMetadataOptions | undefined,
): NativeFragmentEvent {
  const names: unknown[] = Array.isArray(events) ? events : [events];
  if (names.length === 0) {
    throw expected("'image-generation', 'notification' or both", 'events', events);
  }
  const bits = names.reduce<number>((sum, name) => sum | BITS[checkName(name, 'events')], 0);
  const { imagePrefix, metadata } = resolveOptions('putEventMetadata', SHAPE, options);
  return { bits, imagePrefix: imagePrefix ?? null, pairs: Object.entries(metadata).flat() };
}
