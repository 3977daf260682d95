/**
 * Cuts an Annex-B byte stream (ITU-T H.264 annex B, H.265 annex B) into access units. Bytes come
 * in chunks cut anywhere; the access units that come out, laid end to end, are the same bytes.
 */
import { KinesisVideoError } from '../../internal/errors.js';
import type { NalSyntax, Picture } from './nal-syntax.js';

/** One picture with everything that belongs to it. */
export interface AccessUnit {
  /** A view of the splitter's buffer, which is never written to again. */
  readonly data: Uint8Array;
  readonly picture: Picture;
}

const START_CODE = Buffer.from([0, 0, 1]);
/** How much of a slice must be there before it is read. */
const PROBE_BYTES = 64;
const MIN_CAPACITY = 1024 * 1024;
/** A fragment holds at most 50 MB, so nothing larger could be sent. */
const MAX_UNIT_BYTES = 64 * 1024 * 1024;
const NONE = -1;

/** Splits one stream; `syntax` tells the codec and must be fresh. */
export class AccessUnitSplitter {
  readonly #syntax: NalSyntax;
  readonly #ready: AccessUnit[] = [];
  #buffer: Buffer = Buffer.alloc(0);
  /** The filled part of the buffer: a view up to `#end`. */
  #filled: Buffer = this.#buffer;

  // Positions in the buffer. Bytes before #unit have left.
  #unit = 0;
  #end = 0;
  /** Where the search for the next start code goes on. */
  #scan = 0;
  /** First byte, its start code included, of the NAL unit that is being looked at. */
  #nal = NONE;
  /** Its header; NONE once its role is known. */
  #header = NONE;
  /** Where the next access unit would begin, by what stood after the last slice. */
  #boundary = NONE;

  #picture: Picture | undefined;
  #offset = 0;

  constructor(syntax: NalSyntax) {
    this.#syntax = syntax;
  }

  /** The picture of the access unit that is not complete yet. */
  get picture(): Picture | undefined {
    return this.#picture;
  }

  /**
   * Takes the next bytes; the chunk is not kept. Returns the access units that are complete now.
   * Throws KinesisVideoError (STATUS_FORMAT_ERROR) when one grows beyond 64 MiB.
   */
  push(chunk: Uint8Array): AccessUnit[] {
    this.#append(chunk);
    for (;;) {
      const found = this.#filled.indexOf(START_CODE, this.#scan);
      const next = found < 0 ? this.#end : found;
      if (this.#header !== NONE) this.#classify(next, found >= 0);
      if (found < 0) break;
      this.#beginNal(found);
    }
    // A start code may have begun in the last two bytes.
    this.#scan = Math.max(this.#scan, this.#end - (START_CODE.length - 1));
    if (this.#end - this.#unit > MAX_UNIT_BYTES) throw this.#tooLong();
    return this.#ready.splice(0);
  }

  /** Ends the stream and returns its last access units. */
  finish(): AccessUnit[] {
    if (this.#header !== NONE) this.#classify(this.#end, true);
    // What follows the last picture and belongs to a next one that never came stays with it.
    if (this.#picture !== undefined) this.#emit(this.#end, this.#picture);
    this.#picture = undefined;
    return this.#ready.splice(0);
  }

  /** Makes room behind the pending bytes without touching memory that access units refer to. */
  #append(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#buffer.length) {
      const pending = this.#end - this.#unit;
      const capacity = Math.max(MIN_CAPACITY, 2 * pending + chunk.length);
      const larger = Buffer.allocUnsafeSlow(capacity);
      this.#buffer.copy(larger, 0, this.#unit, this.#end);
      this.#rebase(this.#unit);
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
    this.#filled = this.#buffer.subarray(0, this.#end);
  }

  #rebase(by: number): void {
    this.#unit -= by;
    this.#end -= by;
    this.#scan -= by;
    if (this.#nal !== NONE) this.#nal -= by;
    if (this.#header !== NONE) this.#header -= by;
    if (this.#boundary !== NONE) this.#boundary -= by;
  }

  /** A start code was found: with a zero before it, it is the four-byte form. */
  #beginNal(startCode: number): void {
    const zero = startCode > this.#unit && this.#buffer[startCode - 1] === 0;
    this.#nal = zero ? startCode - 1 : startCode;
    this.#header = startCode + START_CODE.length;
    this.#scan = this.#header;
  }

  /** Determines what the current NAL unit is, when enough of it is there. */
  #classify(end: number, complete: boolean): void {
    const size = end - this.#header;
    const needed = this.#syntax.headerBytes;
    if (!complete) {
      if (size < needed || this.#syntax.needsWhole(this.#buffer[this.#header] as number)) return;
      if (size < PROBE_BYTES) return;
    }
    const nal = this.#buffer.subarray(this.#header, end);
    this.#header = NONE;
    if (size < needed) return;
    const role = this.#syntax.read(nal);
    if (role === 'prefix') {
      if (this.#picture !== undefined && this.#boundary === NONE) this.#boundary = this.#nal;
    } else if (role === 'slice') {
      // The picture goes on, so what stood before this slice was no boundary.
      this.#boundary = NONE;
    } else if (role !== 'other') {
      this.#startPicture(role);
    }
  }

  #startPicture(picture: Picture): void {
    if (this.#picture !== undefined) {
      this.#emit(this.#boundary === NONE ? this.#nal : this.#boundary, this.#picture);
    }
    this.#picture = picture;
    this.#boundary = NONE;
  }

  #emit(end: number, picture: Picture): void {
    this.#ready.push({ data: this.#buffer.subarray(this.#unit, end), picture });
    this.#offset += end - this.#unit;
    this.#unit = end;
  }

  #tooLong(): KinesisVideoError {
    const limit = MAX_UNIT_BYTES / 1024 / 1024;
    return new KinesisVideoError(
      'STATUS_FORMAT_ERROR',
      `No picture ends within ${limit} MiB after byte ${this.#offset} of the video stream; ` +
        'check that it is H.264 or H.265 with start codes and not damaged there.',
      { values: { offset: this.#offset, limit: MAX_UNIT_BYTES } },
    );
  }
}
