import { syncStatusOf } from '../streams/edge.js';
import { edgeDescription, HUB_DEVICE_ARN } from './edge-configuration.js';
import { NEXT_TOKEN, page } from './members.js';
import type { Operation } from './operation.js';

const MAX_RESULTS = 10;
const DEFAULT_RESULTS = 5;

/** ListEdgeAgentConfigurations: those of the streams whose agent runs on one device. */
export const listEdgeAgentConfigurations: Operation = {
  path: '/listEdgeAgentConfigurations',
  handle({ input, service }) {
    const hub = input.required('HubDeviceArn', input.text('HubDeviceArn', HUB_DEVICE_ARN));
    const found = service.streams.list().flatMap((stream) => {
      const { edge } = stream.record;
      const status = syncStatusOf(edge, service.options);
      const isMeant = edge?.config.HubDeviceArn === hub && status !== undefined;
      return isMeant ? [{ stream, edge, status }] : [];
    });
    const { items, nextToken } = page(found, ({ stream }) => stream.record.streamName, {
      size: input.integer('MaxResults', 1, MAX_RESULTS) ?? DEFAULT_RESULTS,
      token: input.text('NextToken', NEXT_TOKEN) || undefined,
    });
    return {
      EdgeConfigs: items.map(({ stream, ...edge }) => edgeDescription(stream, edge)),
      NextToken: nextToken,
    };
  },
};
