import { startSink } from '../endpoint/start.mjs';
import { makeFrames } from '../harness/media.mjs';
import { processorTime } from '../harness/processor-time.mjs';
import { findDriver } from '../drivers/index.mjs';

const SIZE = 10_240;
const GIGABYTE = 1e9;
/** The first ones are interpreted and fill the store, the later ones show what an hour costs. */
const PLANS = {
  full: { warmUp: 60_000, rounds: 7, frames: 20_000 },
  quick: { warmUp: 2000, rounds: 3, frames: 1000 },
};

/**
 * Frames of 10 KB to an endpoint of another process, as fast as they are taken.
 *
 * CPU is that of the producer's process, all its threads and the system's work for it included.
 */
export const endToEnd = {
  name: 'end-to-end',
  title: 'end to end to an endpoint on this machine',
  cases: ['http', 'https'].flatMap((scheme) => [
    { driver: 'kvs', scheme, format: 'annexb' },
    { driver: 'kvs', scheme, format: 'avcc' },
    { driver: 'node', scheme, format: 'frames' },
    { driver: 'node', scheme, format: 'plain' },
  ]),
  async measure({ driver, scheme, format }, { quick }) {
    const { open } = await findDriver(`${driver}-upload`);
    const sink = await startSink(scheme);
    const frames = makeFrames({ size: SIZE, format: format === 'annexb' ? format : 'avcc' });
    const upload = await open(frames, { url: sink.url, format });
    const rounds = await measureRounds(upload, quick ? PLANS.quick : PLANS.full);
    await upload.close();
    sink.close();
    const what = `${format}-${scheme}`;
    return [
      { what: `${what}-cpu`, unit: 's/GB', rounds: rounds.map(({ cpu }) => cpu) },
      { what: `${what}-throughput`, unit: 'MB/s', rounds: rounds.map(({ rate }) => rate) },
    ];
  },
};

async function measureRounds(upload, plan) {
  await upload.run(plan.warmUp);
  const results = [];
  for (let round = 0; round < plan.rounds; round += 1) {
    const start = performance.now();
    const startOfWork = processorTime();
    await upload.run(plan.frames);
    const work = processorTime() - startOfWork;
    const milliseconds = performance.now() - start;
    const bytes = plan.frames * SIZE;
    results.push({ cpu: work / 1000 / (bytes / GIGABYTE), rate: bytes / 1000 / milliseconds });
  }
  return results;
}
