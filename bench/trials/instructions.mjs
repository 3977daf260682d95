import { countInstructions, hasCommand, reasonNotToBuild } from '../harness/native.mjs';

const COUNTS = { full: 10_000, quick: 500 };

/** Instructions that the core takes to put, read and confirm a frame: alike on a busy machine. */
export const instructions = {
  name: 'instructions',
  title: 'instructions of a frame, put, read and confirmed in C',
  cases: ['annexb-10240', 'avcc-10240', 'annexb-200', 'avcc-200'].map((frames) => ({
    driver: 'kvs',
    frames,
  })),
  reasonToSkip() {
    if (!hasCommand('valgrind')) return 'valgrind is not installed';
    return reasonNotToBuild();
  },
  async measure({ frames }, { quick }) {
    const count = quick ? COUNTS.quick : COUNTS.full;
    const args = ['bench_counted_frames', 'bench_core', 'count', frames, String(count)];
    const total = await countInstructions(...args);
    return [{ what: frames, unit: 'instructions/frame', rounds: [total / count] }];
  },
};
