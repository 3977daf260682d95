import { streamOf } from './members.js';
import type { Operation } from './operation.js';
import { removeTags, tagKeysOf } from './stream-tags.js';

/** UntagStream: keys that the stream does not have are no error. */
export const untagStream: Operation = {
  path: '/untagStream',
  async handle({ input, service }) {
    const keys = tagKeysOf(input);
    await removeTags(streamOf(input, service.streams), keys);
    return {};
  },
};
