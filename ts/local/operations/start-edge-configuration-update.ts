import { invalidArgument, ServiceException } from '../exceptions.js';
import { syncStatusOf } from '../streams/edge.js';
import { edgeDescription, readEdgeConfiguration } from './edge-configuration.js';
import { requireRetention, streamOf } from './members.js';
import type { Operation } from './operation.js';

/** StartEdgeConfigurationUpdate: there is no agent here; the endpoint says what one would say. */
export const startEdgeConfigurationUpdate: Operation = {
  path: '/startEdgeConfigurationUpdate',
  async handle({ input, service }) {
    const config = readEdgeConfiguration(input.required('EdgeConfig', input.object('EdgeConfig')));
    const stream = streamOf(input, service.streams);
    stream.requireChangeable(undefined);
    requireRetention(stream);

    const { streamName, edge: before } = stream.record;
    const status = syncStatusOf(before, service.options);
    if (status !== undefined && status !== 'IN_SYNC') {
      throw new ServiceException(
        'ResourceInUseException',
        `The edge configuration of the stream '${streamName}' is ${status}; it can be changed when it is IN_SYNC.`,
      );
    }
    const hub = status === undefined ? undefined : before?.config.HubDeviceArn;
    if (hub !== undefined && hub !== config.HubDeviceArn) {
      throw invalidArgument(
        `Value '${config.HubDeviceArn}' at 'EdgeConfig.HubDeviceArn' is another device than ${hub}, which has the configuration; call DeleteEdgeConfiguration first`,
      );
    }
    const time = Math.trunc(service.options.now());
    const created = hub === undefined ? undefined : before?.creationTime;
    const edge = {
      config,
      creationTime: created ?? time,
      changeTime: time,
      change: 'update' as const,
    };
    await stream.save((record) => {
      record.edge = edge;
    });
    return edgeDescription(stream, { edge, status: 'SYNCING' });
  },
};
