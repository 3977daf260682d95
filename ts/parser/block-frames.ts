import { readBlockHeader, type BlockHeader } from './block.js';
import { MatroskaError } from './errors.js';
import { splitLace } from './lacing.js';

/** A SimpleBlock or Block that is there as a whole (RFC 9559 sections 10.1 to 10.3). */
export interface WholeBlock {
  readonly header: BlockHeader;
  /** As they are stored: parts of the block. */
  readonly frames: readonly Uint8Array[];
}

/** Takes a block apart. Throws MatroskaError when it is cut off, or its laces do not fit into it. */
export function readBlock(block: Uint8Array): WholeBlock {
  const header = readBlockHeader(block);
  if (header === undefined) {
    throw new MatroskaError('TRUNCATED', `A block has only ${block.length} bytes of content`);
  }
  // The flags are the end of the header.
  const flags = block[header.length - 1] ?? 0;
  return { header, frames: splitLace(flags, block.subarray(header.length)) };
}
