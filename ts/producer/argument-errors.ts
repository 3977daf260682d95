/** The errors for arguments that the core refuses: which one, what it may be, and what was given. */
import { KinesisVideoError } from '../internal/errors.js';
import { nativeError } from '../internal/native.js';
import { show } from '../internal/options.js';
import { Status, statusName } from '../internal/status.js';
import { MAX_ITEMS, type EventMetadataOptions } from './fragment-metadata.js';
import type { ResolvedDefinition } from './stream-definition.js';
import type { ResolvedTrack } from './track-info.js';

const MAX_NAME = 128;
const MAX_VALUE = 256;
const MAX_SHOWN = 40;
const MAX_SHOWN_BYTES = 8;

const NAME = `a name of 1 to ${MAX_NAME} bytes that does not begin with AWS`;
const VALUE = `a text of at most ${MAX_VALUE} bytes`;

/** The error for fragment metadata that the core did not take. */
export function metadataError(
  status: number,
  streamName: string,
  name: string,
  value: string,
): KinesisVideoError {
  const of = `metadata of stream "${streamName}"`;
  if (NAME_STATUSES.has(status)) return refused(status, NAME, ['name', of], name);
  if (VALUE_STATUSES.has(status)) return refused(status, VALUE, ['value', of], value);
  const isFull = status === Status.STATUS_MAX_FRAGMENT_METADATA_COUNT;
  const limit = isFull
    ? `: at most ${MAX_ITEMS} items go with a fragment, those of events too`
    : '';
  const item = `the metadata ${shorten(name)} with the value ${shorten(value)}`;
  const problem = `Stream "${streamName}" did not take ${item}${limit}`;
  return nativeError(status, problem, { streamName, name, value });
}

/** The error for an event of a fragment that the core did not take. */
export function eventError(
  status: number,
  streamName: string,
  events: unknown,
  { imagePrefix, metadata = {} }: EventMetadataOptions = {},
): KinesisVideoError {
  const of = `an event of stream "${streamName}"`;
  const isPrefix =
    imagePrefix !== undefined && (isTooLong(imagePrefix, MAX_VALUE) || /^AWS/.test(imagePrefix));
  if (isPrefix && PREFIX_STATUSES.has(status)) {
    return refused(
      status,
      `${VALUE} that does not begin with AWS`,
      ['imagePrefix', of],
      imagePrefix,
    );
  }
  const name = Object.keys(metadata).find(
    (key) => key === '' || isTooLong(key, MAX_NAME) || /^AWS/.test(key),
  );
  if (name !== undefined && NAME_STATUSES.has(status)) {
    return refused(status, NAME, ['a name in metadata', of], name);
  }
  const [key, value] =
    Object.entries(metadata).find(([, text]) => isTooLong(text, MAX_VALUE)) ?? [];
  if (key !== undefined && VALUE_STATUSES.has(status)) {
    return refused(status, VALUE, [`metadata.${key}`, of], value);
  }
  const list = [events].flat().join(' and ');
  const isFull = status === Status.STATUS_MAX_FRAGMENT_METADATA_COUNT;
  const limit = isFull ? `: at most ${MAX_ITEMS} items of metadata go with a fragment` : '';
  const problem = `Stream "${streamName}" did not take the event ${list}${limit}`;
  return nativeError(status, problem, { streamName, events, imagePrefix, metadata });
}

/** The error for a change of format that the core did not take. */
export function formatChangeError(
  status: number,
  { streamName, tracks }: ResolvedDefinition,
  trackId: number,
  data: Uint8Array,
): KinesisVideoError {
  const of = `setCodecPrivateData() of stream "${streamName}"`;
  const track = tracks.find((item) => item.trackId === trackId);
  if (track === undefined) {
    const ids = tracks.map((item) => `${item.trackId} (${item.trackType})`).join(', ');
    return refused(status, `a track that there is, ${ids},`, ['trackId', of], trackId);
  }
  const problem = `Stream "${streamName}" cannot change the format of track ${trackId} (${track.codecId}) to ${hex(data)}`;
  return nativeError(status, problem, { streamName, trackId, bytes: data.byteLength });
}

/** The error for a stream that the core did not make. */
export function creationError(
  status: number,
  { streamName, tracks }: ResolvedDefinition,
): KinesisVideoError {
  const problem = `Stream "${streamName}" cannot be made`;
  const code = statusName(status) ?? '';
  const isFormat = /^STATUS_MKV_.*(CPD|SPS|PPS|VPS|NAL|CODEC_PRIVATE|HEVC)/.test(code);
  const given = isFormat ? tracks.flatMap(describeCodecPrivate).join(', ') : '';
  return nativeError(status, given === '' ? problem : `${problem} with ${given}`, { streamName });
}

function describeCodecPrivate(track: ResolvedTrack, index: number): string[] {
  const { codecId, codecPrivateData } = track;
  if (codecPrivateData.byteLength === 0) return [];
  return [`tracks[${index}].codecPrivateData (${codecId}) of ${hex(codecPrivateData)}`];
}

/** The error for a spill whose file cannot be made. */
export function spillError(spillDirectory: string): KinesisVideoError {
  const advice = 'give a folder that exists and that this process may write to';
  return new KinesisVideoError(
    'STATUS_OPEN_FILE_FAILED',
    `No file can be made in the spillDirectory ${show(spillDirectory)}: ${advice}.`,
    { values: { spillDirectory }, advice },
  );
}

const NAME_STATUSES: ReadonlySet<number> = new Set([
  Status.STATUS_MKV_INVALID_TAG_NAME_LENGTH,
  Status.STATUS_INVALID_METADATA_NAME,
  Status.STATUS_INVALID_IMAGE_METADATA_KEY_LENGTH,
]);
const VALUE_STATUSES: ReadonlySet<number> = new Set([
  Status.STATUS_MKV_INVALID_TAG_VALUE_LENGTH,
  Status.STATUS_INVALID_IMAGE_METADATA_VALUE_LENGTH,
]);
const PREFIX_STATUSES: ReadonlySet<number> = new Set([
  Status.STATUS_INVALID_IMAGE_PREFIX_LENGTH,
  Status.STATUS_INVALID_METADATA_NAME,
]);

function isTooLong(text: string, limit: number): boolean {
  return Buffer.byteLength(text) > limit;
}

/** @param of - what the argument belongs to, with "of" before it */
function refused(
  status: number,
  what: string,
  [name, of]: readonly [name: string, of: string],
  given: unknown,
): KinesisVideoError {
  const code = statusName(status) ?? 'STATUS_INVALID_ARG';
  const shown = typeof given === 'string' ? shorten(given) : show(given);
  const problem = `Expected ${what} for ${name} of ${of} but received ${shown}.`;
  return new KinesisVideoError(code, problem, {
    values: { [name]: given },
    advice: `pass ${what}`,
  });
}

/** A text as it may stand in a sentence, with its length in bytes when it is cut. */
function shorten(text: string): string {
  if (text.length <= MAX_SHOWN) return JSON.stringify(text);
  return `${JSON.stringify(`${text.slice(0, MAX_SHOWN)}…`)} (${Buffer.byteLength(text)} bytes)`;
}

/** How bytes begin, and how many they are. */
function hex(data: Uint8Array): string {
  const digits = Buffer.from(data.subarray(0, MAX_SHOWN_BYTES)).toString('hex');
  const more = data.byteLength > MAX_SHOWN_BYTES ? '…' : '';
  return `${data.byteLength} bytes (${digits}${more})`;
}
