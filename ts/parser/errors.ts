/** What is wrong with a Matroska stream, or with what was asked of its reader. */
export type MatroskaErrorCode =
  /** The bytes where an element must begin are not an EBML id of up to four bytes. */
  | 'INVALID_ID'
  /** The bytes after an id are not an EBML size, or the size cannot be counted exactly. */
  | 'INVALID_SIZE'
  /** An element other than Segment or Cluster leaves its size open. */
  | 'UNKNOWN_SIZE_NOT_ALLOWED'
  /** An element is larger than what is left of the element around it. */
  | 'SIZE_EXCEEDS_PARENT'
  /** An element that is kept in memory as a whole is larger than the reader's limit. */
  | 'ELEMENT_TOO_LARGE'
  /** Elements are nested deeper than any valid file needs. */
  | 'TOO_DEEP'
  /** An element stands where it must not. */
  | 'UNEXPECTED_ELEMENT'
  /** A mandatory element is absent. */
  | 'MISSING_ELEMENT'
  /** The content of an element does not fit its type. */
  | 'INVALID_VALUE'
  /** The input ends inside an element. */
  | 'TRUNCATED'
  /** The settings of the tracks are no longer those that the output has begun with. */
  | 'TRACKS_CHANGED'
  /** The service tells in the stream that it could not go on. */
  | 'SERVICE_ERROR'
  /** What is asked for has been read or passed over already. */
  | 'PASSED_OVER';

/** Thrown above all for input that is not valid Matroska; `offset` counts bytes from the start of the input. */
export class MatroskaError extends Error {
  /** `MatroskaError`, also where classes are renamed. */
  override readonly name = 'MatroskaError';
  /** What is wrong; match on it. */
  readonly code: MatroskaErrorCode;
  /** Where, in bytes from the start of the input, when known. */
  readonly offset: number | undefined;

  constructor(code: MatroskaErrorCode, message: string, offset?: number) {
    super(offset === undefined ? message : `${message} (at byte ${offset})`);
    this.code = code;
    this.offset = offset;
  }
}
