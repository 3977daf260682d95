import { streamOf } from './members.js';
import type { Operation } from './operation.js';

/** DescribeNotificationConfiguration: null when there is none. */
export const describeNotificationConfiguration: Operation = {
  path: '/describeNotificationConfiguration',
  handle: ({ input, service }) => ({
    NotificationConfiguration: streamOf(input, service.streams).record.notification ?? null,
  }),
};
