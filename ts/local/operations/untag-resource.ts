import type { Operation } from './operation.js';
import { removeTags, resourceOf, tagKeysOf } from './stream-tags.js';

/** UntagResource: as UntagStream, for an ARN. */
export const untagResource: Operation = {
  path: '/UntagResource',
  async handle({ input, service }) {
    const keys = tagKeysOf(input);
    await removeTags(resourceOf(input, service.streams), keys);
    return {};
  },
};
