import { streamOf, tagsOf } from './members.js';
import type { Operation } from './operation.js';
import { addTags } from './stream-tags.js';

/** TagStream: adds tags and replaces those of the same key. */
export const tagStream: Operation = {
  path: '/tagStream',
  async handle({ input, service }) {
    const added = input.required('Tags', tagsOf(input));
    await addTags(streamOf(input, service.streams), added);
    return {};
  },
};
