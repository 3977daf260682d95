import { streamOf } from './members.js';
import type { Operation } from './operation.js';
import { tagPage } from './stream-tags.js';

/** ListTagsForStream: one page holds the 50 tags that a stream can have. */
export const listTagsForStream: Operation = {
  path: '/listTagsForStream',
  handle: ({ input, service }) => tagPage(input, streamOf(input, service.streams)),
};
