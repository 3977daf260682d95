import { streamOf, TAG_KEY } from './members.js';
import type { Operation } from './operation.js';

/** UntagStream: keys that the stream does not have are no error. */
export const untagStream: Operation = {
  path: '/untagStream',
  async handle({ input, service }) {
    const list = input.textList('TagKeyList', { item: TAG_KEY, min: 1, max: 50 });
    const keys = new Set(input.required('TagKeyList', list));
    const stream = streamOf(input, service.streams);
    await stream.save((record) => {
      const kept = Object.entries(record.tags).filter(([key]) => !keys.has(key));
      record.tags = Object.fromEntries(kept);
    });
    return {};
  },
};
