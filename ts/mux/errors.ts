/** Why tracks or frames cannot be written in another container. */
export type MuxErrorCode =
  /** The container cannot hold the codec. */
  | 'UNSUPPORTED_CODEC'
  /** The track has no codec private data, which a decoder needs. */
  | 'MISSING_CODEC_PRIVATE_DATA'
  /** The codec private data are not of the form that the codec has in Matroska. */
  | 'INVALID_CODEC_PRIVATE_DATA'
  /** A frame is not made of what its codec private data announce. */
  | 'INVALID_FRAME';

/** Thrown for media that cannot be written in another container. */
export class MuxError extends Error {
  override readonly name = 'MuxError';
  readonly code: MuxErrorCode;

  constructor(code: MuxErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
