import type { Input } from '../input.js';
import { MAX_TAGS_PER_CALL, refuseReservedKey, TAG_KEY, TAG_VALUE } from './members.js';
import type { Operation } from './operation.js';
import { addTags, resourceOf } from './stream-tags.js';

/** TagResource: as TagStream, for an ARN and with the tags as a list. */
export const tagResource: Operation = {
  path: '/TagResource',
  async handle({ input, service }) {
    const list = input.required('Tags', input.objects('Tags', 1, MAX_TAGS_PER_CALL));
    const added = Object.fromEntries(list.map(readTag));
    await addTags(resourceOf(input, service.streams), added);
    return {};
  },
};

function readTag(tag: Input): readonly [key: string, value: string] {
  const key = tag.required('Key', tag.text('Key', TAG_KEY));
  refuseReservedKey(key);
  return [key, tag.required('Value', tag.text('Value', TAG_VALUE))];
}
