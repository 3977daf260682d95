import { NEXT_TOKEN, page, STREAM_NAME } from './members.js';
import type { Operation } from './operation.js';
import { streamInfo } from './stream-info.js';

const MAX_RESULTS = 10_000;

/** ListStreams: by name, all of them or those that begin with a prefix. */
export const listStreams: Operation = {
  path: '/listStreams',
  handle({ input, service }) {
    const condition = input.object('StreamNameCondition');
    condition?.choice('ComparisonOperator', ['BEGINS_WITH']);
    const prefix = condition?.text('ComparisonValue', STREAM_NAME) ?? '';
    const streams = service.streams
      .list()
      .filter((stream) => stream.record.streamName.startsWith(prefix));
    const { items, nextToken } = page(streams, (stream) => stream.record.streamName, {
      size: input.integer('MaxResults', 1, MAX_RESULTS) ?? MAX_RESULTS,
      token: input.text('NextToken', NEXT_TOKEN) || undefined,
    });
    return { StreamInfoList: items.map(streamInfo), NextToken: nextToken };
  },
};
