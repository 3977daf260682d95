import { reasonNotToBuild, runNative } from '../harness/native.mjs';

/** A trial that bench_core runs; what it measures is named after it. */
function coreTrial(name, title) {
  return {
    name,
    title,
    cases: [{ driver: 'kvs' }],
    reasonToSkip: reasonNotToBuild,
    async measure(_, { quick }) {
      const lines = await runNative('bench_core', name, ...(quick ? ['--quick'] : []));
      return lines.map(({ name: what, ...rest }) => ({
        what: what.slice(name.length + 1),
        ...rest,
      }));
    },
  };
}

/** The parts of the C core, and the limit that copying sets. */
export const CORE_TRIALS = [
  coreTrial('heap', 'allocator: random sizes by the number of live blocks, and FIFO'),
  coreTrial('annexb', 'Annex-B rewritten with lengths, in C'),
  coreTrial('mkv', 'frames packaged as Matroska, in C'),
  coreTrial('put-read', 'put and read in C, and the limit: copying twice, and once'),
  coreTrial('queued', 'put in C by the number of frames that are queued'),
];
