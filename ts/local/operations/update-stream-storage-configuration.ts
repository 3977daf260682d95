import { storageTierOf, streamOf, VERSION } from './members.js';
import type { Operation } from './operation.js';

/** UpdateStreamStorageConfiguration: the tier is remembered; all media are stored alike here. */
export const updateStreamStorageConfiguration: Operation = {
  path: '/updateStreamStorageConfiguration',
  async handle({ input, service }) {
    const version = input.required('CurrentVersion', input.text('CurrentVersion', VERSION));
    const tier = input.required('StreamStorageConfiguration', storageTierOf(input));
    const stream = streamOf(input, service.streams);
    stream.requireChangeable(version);
    await stream.update((record) => {
      record.storageTier = tier;
    });
    service.streams.beginUpdate(stream);
    return {};
  },
};
