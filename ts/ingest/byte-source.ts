/** Where the bytes of media come from: a file that can be read anywhere, or a stream read once. */

/** Bytes in order, with a look at the first ones before they are read. */
export interface ByteSource {
  /** What to call it in a sentence: `'clip.mp4'`, or `the input stream`. */
  readonly name: string;
  /**
   * The first bytes: at least `length`, or all there are. Does not consume them. Only before the
   * first `read`.
   */
  peek(length: number): Promise<Buffer>;
  /**
   * The next bytes, or undefined at the end. The buffer belongs to the caller. Throws
   * KinesisVideoError (STATUS_READ_FILE_FAILED) when reading fails.
   */
  read(): Promise<Buffer | undefined>;
  /** Releases the file, or destroys the stream. Can be called again. */
  close(): Promise<void>;
}

/** A source that can be read anywhere. */
export interface SeekableSource extends ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /** Bytes at any position, fewer at the end. */
  readAt(position: number, length: number): Promise<Buffer>;
}

/** Whether a source can be read anywhere. */
export function isSeekable(source: ByteSource): source is SeekableSource {
  return 'readAt' in source;
}
