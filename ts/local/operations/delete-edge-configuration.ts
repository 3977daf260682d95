import { edgeOf } from './edge-configuration.js';
import { streamOf } from './members.js';
import type { Operation } from './operation.js';

/** DeleteEdgeConfiguration: one that is being deleted already is no error. */
export const deleteEdgeConfiguration: Operation = {
  path: '/deleteEdgeConfiguration',
  async handle({ input, service }) {
    const stream = streamOf(input, service.streams);
    const { edge } = edgeOf(stream, service.options);
    if (edge.change === 'delete') return {};
    const changeTime = Math.trunc(service.options.now());
    await stream.save((record) => {
      record.edge = { ...edge, changeTime, change: 'delete' };
    });
    return {};
  },
};
