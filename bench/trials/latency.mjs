import { setTimeout as sleep } from 'node:timers/promises';
import { findDriver } from '../drivers/index.mjs';
import { startSink } from '../endpoint/start.mjs';
import { FRAME_MS, FRAMES_PER_FRAGMENT, makeFrames } from '../harness/media.mjs';
import { percentile } from '../harness/statistics.mjs';

const PLANS = {
  full: { warmUp: 10_000, rounds: 7, frames: 10_000 },
  quick: { warmUp: 500, rounds: 3, frames: 500 },
};
/** Frames of one turn of the event loop: those of several cameras that come together. */
const BURST = 8;
const SHARES = { median: 0.5, p99: 0.99, 'p99.9': 0.999, worst: 1 };

/**
 * How long `putFrame` keeps the program, while what was put is on its way to an endpoint; and, as the
 * limit, how long a mere copy of the frame takes in its place. Where the copy is slow too, it was the
 * machine that had other things to do.
 */
export const latency = {
  name: 'latency',
  title: 'latency of putFrame while uploading',
  cases: [
    { driver: 'kvs', size: 10_240, format: 'annexb' },
    { driver: 'kvs', size: 10_240, format: 'avcc' },
    { driver: 'memcpy', size: 10_240, format: 'avcc' },
  ],
  async measure({ driver, ...kind }, { quick }) {
    const plan = quick ? PLANS.quick : PLANS.full;
    const { makeClient, makeStream } = await findDriver('kvs-upload');
    const sink = await startSink('http');
    const client = makeClient(sink.url);
    const stream = await makeStream(client);
    const put = putter(driver === 'kvs' ? stream : copier(kind.size), makeFrames(kind));
    await put(plan.warmUp);
    const rounds = [];
    for (let round = 0; round < plan.rounds; round += 1) rounds.push(await put(plan.frames));
    const { complete } = await stream.stop();
    await client.close();
    sink.close();
    if (!complete) throw new Error('The endpoint did not get all that was put');
    return Object.entries(SHARES).map(([name, share]) => ({
      what: `${kind.format}-${kind.size}-${name}`,
      unit: 'µs',
      rounds: rounds.map((times) => percentile(times, share)),
    }));
  },
};

/** Takes frames as a stream does, and only copies them. */
function copier(size) {
  const copy = Buffer.alloc(size);
  return { putFrame: ({ data }) => copy.set(data) };
}

/** What puts the next frames at the pace of a busy device, and gives the microseconds of each. */
function putter(stream, frames) {
  const start = Date.now();
  let index = 0;
  return async (count) => {
    const times = new Float64Array(count);
    for (let nth = 0; nth < count; nth += 1, index += 1) {
      const { data, keyFrame } = frames[index % FRAMES_PER_FRAGMENT];
      const presentationTs = start + index * FRAME_MS;
      const before = performance.now();
      stream.putFrame({ data, keyFrame, presentationTs });
      times[nth] = (performance.now() - before) * 1000;
      if (nth % BURST === 0) await sleep(1);
    }
    return times;
  };
}
