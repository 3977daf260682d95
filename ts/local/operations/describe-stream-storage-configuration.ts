import { streamOf } from './members.js';
import type { Operation } from './operation.js';

/** DescribeStreamStorageConfiguration. */
export const describeStreamStorageConfiguration: Operation = {
  path: '/describeStreamStorageConfiguration',
  handle({ input, service }) {
    const { record } = streamOf(input, service.streams);
    return {
      StreamName: record.streamName,
      StreamARN: record.streamArn,
      StreamStorageConfiguration: { DefaultStorageTier: record.storageTier },
    };
  },
};
