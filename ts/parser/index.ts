/**
 * Reading Matroska as it arrives, above all what Kinesis Video Streams answers. Runs in browsers too:
 * nothing in this folder needs Node.js.
 *
 * @packageDocumentation
 */
export { BlockHeaderScanner, readBlockHeader, type BlockHeader } from './block.js';
export { type ByteSource, type ReadableByteStream } from './byte-source.js';
export {
  EbmlReader,
  type EbmlElement,
  type EbmlHandler,
  type EbmlReaderOptions,
} from './ebml-reader.js';
export {
  CopyVisitor,
  CountVisitor,
  SizeAndOffsetVisitor,
  type ElementExtent,
} from './element-visitors.js';
export {
  ELEMENTS,
  ElementId,
  elementName,
  type ElementDefinition,
  type ElementType,
} from './elements.js';
export { MatroskaError, type MatroskaErrorCode } from './errors.js';
export type { FragmentState } from './fragment-items.js';
export {
  FragmentParser,
  type FragmentEnd,
  type FragmentHandler,
  type FragmentHeader,
  type FragmentParserOptions,
} from './fragment-parser.js';
export type { FragmentError, FragmentEvent, FragmentTag } from './fragment-tags.js';
export {
  FragmentMetadataVisitor,
  FrameVisitor,
  type FragmentMetadataHandler,
} from './fragment-visitors.js';
export type { MatroskaFrame } from './frame-reader.js';
export { DEFAULT_TIMESTAMP_SCALE, readInfo, type SegmentInfo } from './info.js';
export type { MediaFragment } from './media-fragment.js';
export {
  decodeValue,
  readElements,
  type ElementEvent,
  type ElementValue,
  type ReadElementsOptions,
} from './read-elements.js';
export { readFragments, readFrames, type ReadFragmentsOptions } from './read-fragments.js';
export { SegmentMerger, type MergeCounts } from './segment-merger.js';
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
export {
  CompositeVisitor,
  visit,
  type ElementVisitor,
  type MatroskaSink,
  type VisitOptions,
} from './visitor.js';
export { children, type Child } from './walk.js';
