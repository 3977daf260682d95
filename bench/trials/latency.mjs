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
 * limit, how long a mere copy of the frame takes. Copies follow the puts of each turn: where they are slow
 * too, it was the machine that had other things to do.
 */
export const latency = {
  name: 'latency',
  title: 'latency of putFrame while uploading',
  cases: [
    { driver: 'kvs', size: 10_240, format: 'annexb' },
    { driver: 'kvs', size: 10_240, format: 'avcc' },
  ],
  async measure(kind, { quick }) {
    const plan = quick ? PLANS.quick : PLANS.full;
    const { makeClient, makeStream } = await findDriver('kvs-upload');
    const sink = await startSink('http');
    const client = makeClient(sink.url);
    const stream = await makeStream(client);
    const measure = inTurns(putter(stream, makeFrames(kind)), copier(kind.size));
    await measure(plan.warmUp);
    const rounds = [];
    for (let round = 0; round < plan.rounds; round += 1) rounds.push(await measure(plan.frames));
    const { complete } = await stream.stop();
    await client.close();
    sink.close();
    if (!complete) throw new Error('The endpoint did not get all that was put');
    const row = (what, times) => ({ what: `${kind.format}-${kind.size}-${what}`, ...times });
    return Object.entries(SHARES).flatMap(([name, share]) => [
      row(name, { unit: 'µs', rounds: rounds.map(([puts]) => percentile(puts, share)) }),
      row(`copy-${name}`, {
        unit: 'µs',
        rounds: rounds.map(([, copies]) => percentile(copies, share)),
      }),
    ]);
  },
};

/** What puts the next frame of a stream. */
function putter(stream, frames) {
  const start = Date.now();
  let index = 0;
  return () => {
    const { data, keyFrame } = frames[index % FRAMES_PER_FRAGMENT];
    stream.putFrame({ data, keyFrame, presentationTs: start + index * FRAME_MS });
    index += 1;
  };
}

/** What copies a frame. */
function copier(size) {
  const data = new Uint8Array(size);
  const copy = new Uint8Array(size);
  return () => {
    copy.set(data);
  };
}

/**
 * What does each of `works` so many times, in bursts at the pace of a busy device, one of each in a turn
 * of the event loop, and gives the microseconds of each time.
 */
function inTurns(...works) {
  return async (count) => {
    const times = works.map(() => new Float64Array(count));
    for (let done = 0; done < count; done += BURST) {
      await sleep(1);
      for (const [which, work] of works.entries()) {
        const last = Math.min(done + BURST, count);
        for (let nth = done; nth < last; nth += 1) {
          const before = performance.now();
          work();
          times[which][nth] = (performance.now() - before) * 1000;
        }
      }
    }
    return times;
  };
}
