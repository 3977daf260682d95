/** What a TrackEntry says on how its frames are stored (RFC 9559 sections 5.1.4.1.31 and 5.1.4.1.25). */
import { ElementId } from './elements.js';
import { readUnsigned } from './values.js';
import { children } from './walk.js';

/** Ids of the elements inside of ContentEncodings. */
const ID = {
  ENCODING: 0x6240,
  SCOPE: 0x5032,
  COMPRESSION: 0x5034,
  ALGORITHM: 0x4254,
  SETTINGS: 0x4255,
  ENCRYPTION: 0x5035,
} as const;

const SCOPE_FRAMES = 1;
const ALGORITHM_ZLIB = 0;
const ALGORITHM_HEADER_STRIPPING = 3;
/** Writers leave out a few bytes. Every frame gets a copy of them, also one of no bytes in a lace of many. */
const MAX_PREFIX_BYTES = 256;

/** How the frames of a track are stored. */
export interface FrameStorage {
  /** Bytes that are left out at the beginning of every frame. */
  readonly prefix?: Uint8Array;
  /** How many bytes are left out when these are too many to be put back. */
  readonly missing?: number;
  /** Why the frames cannot be read, as a clause. */
  readonly obstacle?: string;
  /** Milliseconds by which presentation is earlier than the timestamps say. */
  readonly codecDelay: number;
}

/** Reads the content of a Tracks element; returns the storage of frames by track number. */
export function readFrameStorage(content: Uint8Array): Map<number, FrameStorage> {
  const storage = new Map<number, FrameStorage>();
  for (const { id, data } of children(content)) {
    if (id !== ElementId.TrackEntry) continue;
    let number = 0;
    let entry: FrameStorage = { codecDelay: 0 };
    for (const child of children(data)) {
      if (child.id === ElementId.TrackNumber) number = readUnsigned(child.data);
      else if (child.id === ElementId.CodecDelay) {
        entry = { ...entry, codecDelay: readUnsigned(child.data) / 1e6 };
      } else if (child.id === ElementId.ContentEncodings) {
        entry = { ...entry, ...readEncodings(child.data) };
      }
    }
    storage.set(number, entry);
  }
  return storage;
}

/** Puts back what a writer has left out at the beginning of every frame. */
export function restoreFrame(prefix: Uint8Array | undefined, data: Uint8Array): Uint8Array {
  if (prefix === undefined) return data;
  const whole = new Uint8Array(prefix.length + data.length);
  whole.set(prefix);
  whole.set(data, prefix.length);
  return whole;
}

type Encoding = Pick<FrameStorage, 'prefix' | 'missing' | 'obstacle'>;

function readEncodings(content: Uint8Array): Encoding {
  const encodings = [...children(content)].filter(({ id }) => id === ID.ENCODING);
  const [first] = encodings;
  if (first === undefined) return {};
  if (encodings.length > 1) return { obstacle: 'its frames are encoded several times over' };
  return readEncoding(first.data);
}

function readEncoding(content: Uint8Array): Encoding {
  let scope = SCOPE_FRAMES;
  let encoding: Encoding = {};
  for (const { id, data } of children(content)) {
    if (id === ID.SCOPE) scope = readUnsigned(data);
    else if (id === ID.ENCRYPTION) encoding = { obstacle: 'its frames are encrypted' };
    else if (id === ID.COMPRESSION) encoding = readCompression(data);
  }
  return (scope & SCOPE_FRAMES) === 0 ? {} : encoding;
}

function readCompression(content: Uint8Array): Encoding {
  let algorithm = ALGORITHM_ZLIB;
  let prefix: Uint8Array = new Uint8Array(0);
  for (const { id, data } of children(content)) {
    if (id === ID.ALGORITHM) algorithm = readUnsigned(data);
    else if (id === ID.SETTINGS) prefix = data;
  }
  if (algorithm !== ALGORITHM_HEADER_STRIPPING) return { obstacle: 'its frames are compressed' };
  if (prefix.length > MAX_PREFIX_BYTES) {
    const obstacle = `its frames lack ${prefix.length} bytes each; at most ${MAX_PREFIX_BYTES} are put back`;
    return { missing: prefix.length, obstacle };
  }
  // Plain bytes: `slice` of a Buffer would not copy.
  return prefix.length === 0 ? {} : { prefix: Uint8Array.from(prefix) };
}
