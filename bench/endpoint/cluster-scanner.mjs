/** The begin of a Matroska cluster: its id, any size, and the timecode that follows at once. */
const CLUSTER = Buffer.from('1f43b675', 'hex');
const TIMECODE = 0xe7;
/** Bytes that hold the timecode for sure: id, size, id, length and eight bytes. */
const HEAD = 4 + 8 + 1 + 1 + 8;

/**
 * Finds the timecodes of fragments in an upload that comes in pieces, without parsing the media: a
 * frame with the four bytes of a cluster's id would mislead it, and those of media.mjs have none.
 *
 * @returns {(chunk: Buffer) => number[]} takes the next piece, gives the fragments that begin in it
 */
export function clusterScanner() {
  let tail = Buffer.alloc(0);
  return (chunk) => {
    const bytes = Buffer.concat([tail, chunk]);
    const found = [];
    let from = 0;
    let at = bytes.indexOf(CLUSTER);
    while (at >= 0 && at + HEAD <= bytes.length) {
      found.push(timecodeAt(bytes, at + CLUSTER.length));
      from = at + HEAD;
      at = bytes.indexOf(CLUSTER, from);
    }
    tail = bytes.subarray(at >= 0 ? at : Math.max(from, bytes.length - CLUSTER.length + 1));
    return found;
  };
}

function timecodeAt(bytes, size) {
  const at = bytes.indexOf(TIMECODE, size);
  const length = bytes[at + 1] & 0x7f;
  return bytes.readUIntBE(at + 2 + Math.max(0, length - 6), Math.min(length, 6));
}
