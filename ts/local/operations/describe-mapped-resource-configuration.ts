import { NEXT_TOKEN, streamOf } from './members.js';
import type { Operation } from './operation.js';

/** DescribeMappedResourceConfiguration: no stream takes in media of WebRTC here. */
export const describeMappedResourceConfiguration: Operation = {
  path: '/describeMappedResourceConfiguration',
  handle({ input, service }) {
    input.integer('MaxResults', 1, 1);
    input.text('NextToken', NEXT_TOKEN);
    streamOf(input, service.streams);
    return { MappedResourceConfigurationList: [], NextToken: null };
  },
};
