/** The top level of an ISO base media file (ISO/IEC 14496-12 clause 4.2): is it whole, and in order? */
import type { SeekableSource } from '../byte-source.js';
import type { KinesisVideoError } from '../../internal/errors.js';
import { formatError, truncated, unsupported } from '../errors.js';

/** One box of the top level. */
interface Box {
  readonly type: string;
  readonly offset: number;
  /** Where the next one begins; Infinity for a box that reaches to the end of the file. */
  readonly end: number;
}

const HEADER_BYTES = 16;
const SHORT_HEADER_BYTES = 8;
/** size values with a meaning (clause 4.2). */
const TO_END_OF_FILE = 0;
const LARGE_SIZE_FOLLOWS = 1;

/** Types of the boxes that a file begins with. */
const FIRST_BOXES = [
  'ftyp',
  'styp',
  'moov',
  'mdat',
  'free',
  'skip',
  'wide',
  'pnot',
  'moof',
  'sidx',
];

/** Whether a file can begin with a box of this type. */
export function isFirstBox(type: string): boolean {
  return FIRST_BOXES.includes(type);
}

/** Reads a box header; undefined when `bytes` ends before it does. Throws when it cannot be one. */
function readBox(bytes: Buffer, offset: number, name: string): Box | undefined {
  if (bytes.length < SHORT_HEADER_BYTES) return undefined;
  const type = bytes.toString('latin1', 4, 8);
  let size = bytes.readUInt32BE(0);
  let headerBytes = SHORT_HEADER_BYTES;
  if (size === TO_END_OF_FILE) return { type, offset, end: Infinity };
  if (size === LARGE_SIZE_FOLLOWS) {
    if (bytes.length < HEADER_BYTES) return undefined;
    size = Number(bytes.readBigUInt64BE(8));
    headerBytes = HEADER_BYTES;
  }
  if (size < headerBytes) {
    throw formatError(
      `${name} is damaged at byte ${offset}: a box there claims ${size} bytes; repair it with: ` +
        'ffmpeg -i INPUT -c copy OUTPUT.mp4',
      { offset, size },
    );
  }
  return { type, offset, end: offset + size };
}

/** Walks over the boxes of a file, from one header to the next. */
export class FileBoxes {
  readonly #source: SeekableSource;
  readonly #size: number;
  #next = 0;
  #hasMedia = false;
  #hasFragment = false;
  #indexIsCut = false;

  constructor(source: SeekableSource) {
    this.#source = source;
    this.#size = source.size;
  }

  /**
   * Makes sure that the index is there. Throws KinesisVideoError: STATUS_UNEXPECTED_EOF when the
   * file ends before it, STATUS_FORMAT_ERROR when there is none.
   */
  async findIndex(): Promise<void> {
    const { name } = this.#source;
    for (;;) {
      const box = await this.#read();
      if (box === undefined || (box.offset === 0 && !isFirstBox(box.type))) break;
      if (box.type === 'moov' && box.end <= this.#size) return;
      this.#hasMedia ||= box.type === 'mdat';
      this.#hasFragment ||= box.type === 'moof';
      this.#indexIsCut ||= box.type === 'moov';
    }
    if (this.#hasFragment) throw segmentWithoutIndex(name);
    if (!this.#hasMedia && !this.#indexIsCut) {
      throw formatError(`${name} has no index (moov box); check that it is an MP4 or MOV file.`, {
        source: name,
      });
    }
    throw truncated(
      `${name} ends at byte ${this.#size} before its index (moov box): the recording was cut off, ` +
        'and what it holds cannot be told apart without the index; record again as fragmented ' +
        'MP4 or Matroska, which survive that.',
      { source: name, size: this.#size },
    );
  }

  /** The byte at which the last box should end, if the file ends before; otherwise undefined. */
  async findCut(): Promise<number | undefined> {
    for (;;) {
      const box = await this.#read();
      if (box === undefined) return this.#next > this.#size ? this.#next : undefined;
      if (box.end === Infinity) return undefined;
    }
  }

  async #read(): Promise<Box | undefined> {
    if (this.#next >= this.#size) return undefined;
    const header = await this.#source.readAt(this.#next, HEADER_BYTES);
    const box = readBox(header, this.#next, this.#source.name);
    this.#next = box?.end ?? this.#next + HEADER_BYTES;
    return box;
  }
}

/** Watches the boxes of a stream as its bytes pass by. */
export class StreamBoxes {
  readonly #name: string;
  #header: Buffer = Buffer.alloc(0);
  #position = 0;
  /** Where the next header begins. */
  #next = 0;
  #hasIndex = false;
  #ended = false;

  constructor(name: string) {
    this.#name = name;
  }

  /**
   * Takes the next bytes. Throws KinesisVideoError STATUS_NOT_IMPLEMENTED as soon as media comes
   * before the index, which a reader that cannot go back is unable to use.
   */
  push(chunk: Buffer): void {
    let at = Math.min(chunk.length, Math.max(0, this.#next - this.#position));
    while (at < chunk.length) {
      const taken = chunk.subarray(at, at + HEADER_BYTES - this.#header.length);
      const header = Buffer.concat([this.#header, taken]);
      const box = readBox(header, this.#next, this.#name);
      if (box === undefined) {
        this.#header = header;
        break;
      }
      this.#header = Buffer.alloc(0);
      this.#check(box);
      this.#next = box.end;
      at = Math.min(chunk.length, this.#next - this.#position);
    }
    this.#position += chunk.length;
  }

  /** Says that the stream has ended. */
  end(): void {
    this.#ended = true;
  }

  /** The byte at which the last box should end, if the stream ended before; otherwise undefined. */
  findCut(): number | undefined {
    if (!this.#ended) return undefined;
    if (this.#header.length > 0) return this.#next + HEADER_BYTES;
    return this.#next !== Infinity && this.#next > this.#position ? this.#next : undefined;
  }

  #check({ type, offset, end }: Box): void {
    this.#hasIndex ||= type === 'moov';
    if (this.#hasIndex) return;
    if (type === 'moof') throw segmentWithoutIndex(this.#name);
    if (type === 'mdat' && end - offset > HEADER_BYTES) {
      throw unsupported(
        `The MP4 file in ${this.#name} has its index (moov box) behind the media, and a stream ` +
          'cannot go back; give the path of the file instead, or rewrite it with: ' +
          'ffmpeg -i INPUT -c copy -movflags +faststart OUTPUT.mp4',
        { source: this.#name, offset },
      );
    }
  }
}

function segmentWithoutIndex(name: string): KinesisVideoError {
  return formatError(
    `${name} is a media segment without the index (moov box) of its initialization segment; ` +
      'put the initialization segment in front of it.',
    { source: name },
  );
}
