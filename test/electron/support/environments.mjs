/**
 * A process as Electron starts them. One stream lives through all of it, while the package is loaded
 * again and again, in this thread and in threads that are ended in the middle of streaming. Prints what
 * it has seen. Arguments: endpoint, number of threads, folders of copies of the package.
 */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { makeClient, makeStream, putSome } from './streaming.mjs';

const [endpoint, threads, first, ...others] = process.argv.slice(2);
const { cache } = createRequire(import.meta.url);
const findAddon = () => Object.keys(cache).find((name) => name.endsWith('.node'));

async function upload(folder) {
  const client = await makeClient(folder, endpoint);
  const stream = await makeStream(client);
  putSome(stream, Date.now());
  const result = await stream.stop();
  await client.close();
  return result.complete ? result.deliveredFrames : -1;
}

async function endThread() {
  const program = new URL('thread.mjs', import.meta.url);
  const worker = new Worker(program, { workerData: { folder: first, endpoint } });
  const [message] = await once(worker, 'message');
  await worker.terminate();
  return message;
}

const client = await makeClient(first, endpoint);
const stream = await makeStream(client);
let at = putSome(stream, Date.now());
const addon = findAddon();
const { exports } = cache[addon];

const again = [];
for (const folder of others) {
  // The next copy of the package loads the file anew, into the same environment.
  delete cache[addon];
  const delivered = await upload(folder);
  again.push({ delivered, isNew: cache[addon].exports !== exports });
  at = putSome(stream, at);
}

const ended = [];
for (let round = 0; round < Number(threads); round += 1) {
  ended.push(await endThread());
  at = putSome(stream, at);
}

const { complete, deliveredFrames } = await stream.stop();
await client.close();
const left = exports.allocatedBytes();
console.log(JSON.stringify({ addon, again, ended, complete, deliveredFrames, left }));
