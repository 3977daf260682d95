import { edgeDescription, edgeOf } from './edge-configuration.js';
import { streamOf } from './members.js';
import type { Operation } from './operation.js';

/** DescribeEdgeConfiguration: without the health of an agent, since there is none here. */
export const describeEdgeConfiguration: Operation = {
  path: '/describeEdgeConfiguration',
  handle({ input, service }) {
    const stream = streamOf(input, service.streams);
    const edge = edgeOf(stream, service.options);
    return { ...edgeDescription(stream, edge), EdgeAgentStatus: null };
  },
};
