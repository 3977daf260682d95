/** Reading Matroska as it arrives. Runs in browsers too: nothing in this folder needs Node.js. */
export { BlockHeaderScanner, readBlockHeader, type BlockHeader } from './block.js';
export {
  EbmlReader,
  type EbmlElement,
  type EbmlHandler,
  type EbmlReaderOptions,
} from './ebml-reader.js';
export {
  ELEMENTS,
  ElementId,
  elementName,
  type ElementDefinition,
  type ElementType,
} from './elements.js';
export { MatroskaError, type MatroskaErrorCode } from './errors.js';
export { DEFAULT_TIMESTAMP_SCALE, readInfo, type SegmentInfo } from './info.js';
export { readTags, type MatroskaTag, type SimpleTag } from './tags.js';
export { readTracks, type MatroskaTrack } from './tracks.js';
export {
  readDate,
  readFloat,
  readSigned,
  readString,
  readUnsigned,
  readUnsignedBig,
} from './values.js';
export { children, type Child } from './walk.js';
