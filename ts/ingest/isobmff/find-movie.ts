/** Finds the index of a file, its moov box, or says why there is none. */
import type { ByteCursor } from '../byte-cursor.js';
import { isSeekable, type ByteSource } from '../byte-source.js';
import { formatError, truncated, unsupported } from '../errors.js';
import type { KinesisVideoError } from '../../internal/errors.js';
import { BoxError, isFirstBox, MAX_HEADER_BYTES, readBoxHeader, type BoxHeader } from './box.js';

/** The index is held in memory; a day of video at 60 frames a second has one of some 80 MiB. */
const MAX_INDEX_BYTES = 256 * 1024 * 1024;

/** Reads the header of the next box; undefined at the end of the source, or when it is cut off. */
export async function nextBox(cursor: ByteCursor): Promise<BoxHeader | undefined> {
  await cursor.fill(MAX_HEADER_BYTES);
  return readBoxHeader(cursor.peek(MAX_HEADER_BYTES), cursor.position);
}

/** The content of a box whose header the cursor is at; undefined when the source ends before. */
export async function takeBox(cursor: ByteCursor, header: BoxHeader): Promise<Buffer | undefined> {
  const size = header.end - header.offset;
  if (size > MAX_INDEX_BYTES) {
    throw new BoxError(`the box "${header.type}" claims ${size} bytes`);
  }
  if (!(await cursor.fill(size))) return undefined;
  return cursor.take(size).subarray(header.headerBytes);
}

/**
 * Walks to the moov box and returns its content; the cursor is behind it then.
 *
 * @throws KinesisVideoError: STATUS_UNEXPECTED_EOF when the source ends before or in it,
 * STATUS_FORMAT_ERROR when there is none, STATUS_NOT_IMPLEMENTED when media comes before it in a
 * stream, which cannot go back
 */
export async function findMovie(source: ByteSource, cursor: ByteCursor): Promise<Buffer> {
  let hasMedia = false;
  for (;;) {
    const header = await nextBox(cursor);
    if (header === undefined || (header.offset === 0 && !isFirstBox(header.type))) break;
    if (header.type === 'moov') {
      const moov = await takeBox(cursor, header);
      if (moov === undefined) throw cutBeforeIndex(source);
      return moov;
    }
    if (header.type === 'moof') throw segmentWithoutIndex(source);
    if (header.type === 'mdat') {
      hasMedia ||= header.end > header.offset + MAX_HEADER_BYTES;
      if (hasMedia && !isSeekable(source)) throw indexBehindMedia(source);
    }
    if (!(await cursor.skipTo(header.end))) break;
  }
  if (hasMedia || cursor.position > 0) throw cutBeforeIndex(source);
  throw formatError(`${source.name} has no index (moov box); check that it is MP4 or MOV.`, {
    source: source.name,
  });
}

function cutBeforeIndex(source: ByteSource): KinesisVideoError {
  const size = isSeekable(source) ? source.size : undefined;
  const where = size === undefined ? 'ends' : `ends at byte ${size},`;
  return truncated(
    `${source.name} ${where} before its index (moov box): the recording was cut off, and what it ` +
      'holds cannot be told apart without the index; record again as fragmented MP4 or ' +
      'Matroska, which survive that.',
    { source: source.name, size },
  );
}

function segmentWithoutIndex({ name }: ByteSource): KinesisVideoError {
  return formatError(
    `${name} is a media segment without the index (moov box) of its initialization segment; ` +
      'put the initialization segment in front of it.',
    { source: name },
  );
}

function indexBehindMedia({ name }: ByteSource): KinesisVideoError {
  return unsupported(
    `The MP4 file in ${name} has its index (moov box) behind the media, and a stream cannot go ` +
      'back; give the path of the file instead, or rewrite it with: ' +
      'ffmpeg -i INPUT -c copy -movflags +faststart OUTPUT.mp4',
    { source: name },
  );
}
