/** Reading streams back. */
export { getMedia, type GetMediaOptions, type GetMediaStart } from './get-media.js';
export { SegmentMerger, type MergeCounts } from './segment-merger.js';
