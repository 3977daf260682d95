import { streamOf } from './members.js';
import type { Operation } from './operation.js';

/** ListTagsForStream: one page holds the 50 tags that a stream can have. */
export const listTagsForStream: Operation = {
  path: '/listTagsForStream',
  handle: ({ input, service }) => ({
    Tags: streamOf(input, service.streams).record.tags,
    NextToken: null,
  }),
};
