/** Taking images apart that were written one behind the other. */

const PNG_SIGNATURE_BYTES = 8;
/** Length, type and checksum of a chunk. */
const PNG_CHUNK_OVERHEAD = 12;
const PNG_END = 'IEND';
const JPEG_END = Buffer.from([0xff, 0xd9]);

/** The images in `bytes`; what is cut off at the end is left out. */
export function splitImages(bytes: Buffer, format: 'JPEG' | 'PNG'): Buffer[] {
  const images: Buffer[] = [];
  const lengthAt = format === 'JPEG' ? jpegLength : pngLength;
  for (let at = 0; at < bytes.length;) {
    const length = lengthAt(bytes, at);
    if (length === undefined) break;
    images.push(bytes.subarray(at, at + length));
    at += length;
  }
  return images;
}

/** In the data of an image the marker of its end never occurs (ITU-T T.81 clause B.1.1.5). */
function jpegLength(bytes: Buffer, at: number): number | undefined {
  const end = bytes.indexOf(JPEG_END, at);
  return end < 0 ? undefined : end + JPEG_END.length - at;
}

/** A signature, then chunks up to the one that ends the image. */
function pngLength(bytes: Buffer, from: number): number | undefined {
  let at = from + PNG_SIGNATURE_BYTES;
  while (at + PNG_CHUNK_OVERHEAD <= bytes.length) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    at += bytes.readUInt32BE(at) + PNG_CHUNK_OVERHEAD;
    if (type === PNG_END && at <= bytes.length) return at - from;
  }
  return undefined;
}
