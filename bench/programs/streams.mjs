/**
 * Uploads with many streams at the pace of cameras, and says what they take meanwhile.
 *
 *   node --expose-gc streams.mjs URL COUNT
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { makeClient, makeStream } from '../drivers/kvs-upload.mjs';
import { makeFrames } from '../harness/media.mjs';
import { processorTime } from '../harness/processor-time.mjs';
import { residentMebibytes } from './resident.mjs';

const FRAGMENTS = 3;
const [url, count] = process.argv.slice(2);
const client = makeClient(url);
const streams = [];
for (let index = 0; index < Number(count); index += 1) {
  streams.push(await makeStream(client, { streamName: `bench-${process.pid}-${index}` }));
}
const frames = makeFrames({ size: 10_000, format: 'annexb' });
const start = Date.now();
const before = processorTime();
for (let index = 0; index < FRAGMENTS * frames.length; index += 1) {
  const frame = frames[index % frames.length];
  for (const stream of streams) stream.putFrame({ ...frame, presentationTs: start + index * 33 });
  await sleep(33);
}
const work = processorTime() - before;
const cpu = (work / (FRAGMENTS * frames.length * streams.length)) * 1000;
const mebibytes = await residentMebibytes();
const ends = await Promise.all(streams.map((stream) => stream.stop()));
await client.close();
if (!ends.every(({ complete }) => complete)) throw new Error('The endpoint did not get everything');
console.log(JSON.stringify({ mebibytes, cpu }));
