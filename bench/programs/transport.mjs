/**
 * Puts a frame of 10 KB every millisecond or so, with the connections in a thread of one's choice.
 *
 *   node --expose-gc transport.mjs URL main|worker FRAMES
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { makeClient, makeStream } from '../drivers/kvs-upload.mjs';
import { FRAME_MS, FRAMES_PER_FRAGMENT, makeFrames } from '../harness/media.mjs';
import { processorTime } from '../harness/processor-time.mjs';
import { residentMebibytes } from './resident.mjs';

const [url, transport, count] = process.argv.slice(2);
const WARM_UP = 300;

const started = performance.now();
const client = makeClient(url, { transport });
const stream = await makeStream(client);
const start = performance.now() - started;

const frames = makeFrames({ size: 10_000, format: 'annexb' });
const begin = Date.now();
async function put(from, to) {
  for (let index = from; index < to; index += 1) {
    const frame = frames[index % FRAMES_PER_FRAGMENT];
    stream.putFrame({ ...frame, presentationTs: begin + index * FRAME_MS });
    await sleep(1);
  }
}
await put(0, WARM_UP);
const before = processorTime();
await put(WARM_UP, WARM_UP + Number(count));
const work = processorTime() - before;
const mebibytes = await residentMebibytes();
const { complete } = await stream.stop();
await client.close();
if (!complete) throw new Error('The endpoint did not get all that was put');
console.log(JSON.stringify({ start, cpu: (work / Number(count)) * 1000, mebibytes }));
