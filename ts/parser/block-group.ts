import { ElementId } from './elements.js';
import { readUnsigned } from './values.js';

/** What a BlockGroup tells of its Block, as far as it has been read (RFC 9559 section 5.1.3.5). */
export class BlockGroup {
  block: Uint8Array | undefined;
  /** In units of the timestamp scale, for all frames of the block. */
  duration: number | undefined;
  /** Whether the frames refer to no other. */
  keyFrame = true;

  /** Takes the content of an element of the group; all but those about the Block are passed over. */
  value(id: number, data: Uint8Array): void {
    if (id === ElementId.BlockDuration) this.duration = readUnsigned(data);
    else if (id === ElementId.ReferenceBlock) this.keyFrame = false;
  }
}
