import { ServiceException } from '../exceptions.js';
import { streamOf, tagsOf } from './members.js';
import type { Operation } from './operation.js';

const MAX_TAGS_PER_STREAM = 50;

/** TagStream: adds tags and replaces those of the same key. */
export const tagStream: Operation = {
  path: '/tagStream',
  async handle({ input, service }) {
    const added = input.required('Tags', tagsOf(input));
    const stream = streamOf(input, service.streams);
    const tags = { ...stream.record.tags, ...added };
    const count = Object.keys(tags).length;
    if (count > MAX_TAGS_PER_STREAM) {
      throw new ServiceException(
        'TagsPerResourceExceededLimitException',
        `The stream would have ${count} tags; at most ${MAX_TAGS_PER_STREAM} are allowed`,
      );
    }
    await stream.save((record) => {
      record.tags = tags;
    });
    return {};
  },
};
