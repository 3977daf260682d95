import { streamOf } from './members.js';
import type { Operation } from './operation.js';
import { streamInfo } from './stream-info.js';

/** DescribeStream. */
export const describeStream: Operation = {
  path: '/describeStream',
  handle: ({ input, service }) => ({ StreamInfo: streamInfo(streamOf(input, service.streams)) }),
};
