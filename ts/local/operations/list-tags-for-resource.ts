import type { Operation } from './operation.js';
import { resourceOf, tagPage } from './stream-tags.js';

/** ListTagsForResource: as ListTagsForStream, for an ARN. */
export const listTagsForResource: Operation = {
  path: '/ListTagsForResource',
  handle: ({ input, service }) => tagPage(input, resourceOf(input, service.streams)),
};
