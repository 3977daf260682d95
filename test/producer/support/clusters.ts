/** Finds the fragments in an upload, as far as the tests need them: their timecodes, in order. */

const CLUSTER = Buffer.from('1f43b675', 'hex');
const TIMESTAMP = 0xe7;
/** Bytes after the start of a cluster that hold its timecode for sure. */
const HEAD = 32;

/** Scans bytes as they come; a fragment is whole when the next one begins or the upload ends. */
export class ClusterScanner {
  readonly timecodes: number[] = [];
  #tail = Buffer.alloc(0);

  /** Takes the next bytes and returns the timecodes of the fragments that begin in them. */
  push(chunk: Buffer): number[] {
    const bytes = Buffer.concat([this.#tail, chunk]);
    const found: number[] = [];
    let at = bytes.indexOf(CLUSTER);
    let done = 0;
    while (at >= 0 && at + HEAD <= bytes.length) {
      found.push(timecodeAt(bytes, at));
      done = at + CLUSTER.length;
      at = bytes.indexOf(CLUSTER, done);
    }
    const keep = at >= 0 ? at : Math.max(done, bytes.length - CLUSTER.length + 1);
    this.#tail = Buffer.from(bytes.subarray(keep));
    this.timecodes.push(...found);
    return found;
  }
}

function timecodeAt(bytes: Buffer, cluster: number): number {
  const at = bytes.indexOf(TIMESTAMP, cluster + CLUSTER.length);
  const length = (bytes[at + 1] ?? 0) & 0x7f;
  return Number(BigInt(`0x${bytes.subarray(at + 2, at + 2 + length).toString('hex')}`));
}
