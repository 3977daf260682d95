import { reasonNotToBuild, runNative } from '../harness/native.mjs';

/** What a put costs while more and more frames are queued, as when the network is away. */
export const queued = {
  name: 'queued',
  title: 'put in C by the number of frames that are queued',
  cases: [{ driver: 'kvs' }],
  reasonToSkip: reasonNotToBuild,
  measure: async (_, { quick }) =>
    (await runNative('bench_put_cost', ...(quick ? ['--quick'] : []))).map(
      ({ name, unit, rounds }) => ({ what: name, unit, rounds }),
    ),
};
