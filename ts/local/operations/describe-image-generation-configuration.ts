import { streamOf } from './members.js';
import type { Operation } from './operation.js';

/** DescribeImageGenerationConfiguration: null when there is none. */
export const describeImageGenerationConfiguration: Operation = {
  path: '/describeImageGenerationConfiguration',
  handle: ({ input, service }) => ({
    ImageGenerationConfiguration: streamOf(input, service.streams).record.imageGeneration ?? null,
  }),
};
