/**
 * Uploads with many streams at the pace of cameras, and says what they take meanwhile.
 *
 *   node --expose-gc streams.mjs URL COUNT
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { makeClient, makeStream } from '../drivers/kvs-upload.mjs';
import { FRAME_MS, makeFrames } from '../harness/media.mjs';
import { processorTime } from '../harness/processor-time.mjs';
import { residentMebibytes } from './resident.mjs';

const MEASURED = 90;
/** Frames, all streams together, after which the code that they go through is compiled. */
const WARM_UP = 3000;
const [url, count] = process.argv.slice(2);
const client = makeClient(url);
const streams = [];
for (let index = 0; index < Number(count); index += 1) {
  streams.push(await makeStream(client, { streamName: `bench-${process.pid}-${index}` }));
}
const frames = makeFrames({ size: 10_240, format: 'annexb' });
const start = Date.now();
let index = 0;
async function put(number, pause) {
  for (const last = index + number; index < last; index += 1) {
    const frame = { ...frames[index % frames.length], presentationTs: start + index * FRAME_MS };
    for (const stream of streams) stream.putFrame(frame);
    await sleep(pause);
  }
}
await put(Math.max(frames.length, Math.round(WARM_UP / streams.length)), 1);
const before = processorTime();
await put(MEASURED, FRAME_MS);
const cpu = ((processorTime() - before) / (MEASURED * streams.length)) * 1000;
const mebibytes = await residentMebibytes();
const ends = await Promise.all(streams.map((stream) => stream.stop()));
await client.close();
if (!ends.every(({ complete }) => complete)) throw new Error('The endpoint did not get everything');
console.log(JSON.stringify({ mebibytes, cpu }));
