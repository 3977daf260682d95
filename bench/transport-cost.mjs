/* global Buffer, performance */
/**
 * What the connections cost in the thread of the program and in a worker: start, CPU, memory.
 *
 *   node bench/transport-cost.mjs [--json]     needs `npm run build`
 *
 * Each transport streams to a local endpoint of its own process 5000 frames of 10 KB, one every
 * millisecond or so; CPU is that of the producer's process, all threads and the timers included.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const FRAMES = 5000;
const SIZE = 10_000;
const [role, endpoint, transport] = process.argv.slice(2);

async function serve() {
  const { startLocalKinesisVideo } = await import('../dist/local/index.js');
  const local = await startLocalKinesisVideo();
  process.send(local.endpoint);
  process.on('disconnect', () => void local.close());
}

async function produce() {
  const { KinesisVideoClient } = await import('../dist/index.js');
  const started = performance.now();
  const client = new KinesisVideoClient({
    region: 'us-west-2',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    endpoint,
    transport,
  });
  const streamName = `cost-${process.pid}`;
  const stream = await client.createStream({ streamName, tracks: [{ codecId: 'V_TEST' }] });
  const start = performance.now() - started;
  const data = Buffer.alloc(SIZE, 1);
  const begin = Date.now();
  const put = async (from, to) => {
    for (let index = from; index < to; index += 1) {
      const presentationTs = begin + index * 33;
      stream.putFrame({ data, keyFrame: index % 30 === 0, presentationTs });
      await sleep(1);
    }
  };
  await put(0, 500);
  const before = process.cpuUsage();
  await put(500, 500 + FRAMES);
  const { user, system } = process.cpuUsage(before);
  const rss = process.memoryUsage.rss();
  const { complete } = await stream.stop();
  await client.close();
  process.send({
    transport,
    complete,
    startMs: Math.round(start),
    cpuMsPer1000Frames: Math.round(((user + system) / FRAMES) * 10) / 10,
    rssMiB: Math.round(rss / 2 ** 20),
  });
  process.disconnect();
}

async function measure() {
  const script = fileURLToPath(import.meta.url);
  const options = { env: { ...process.env, NODE_NO_WARNINGS: '1' } };
  const server = fork(script, ['serve'], options);
  const [url] = await once(server, 'message');
  const results = [];
  for (const name of ['main', 'worker']) {
    const [result] = await once(fork(script, ['produce', url, name], options), 'message');
    results.push(result);
  }
  server.disconnect();
  if (process.argv.includes('--json')) console.log(JSON.stringify(results));
  else console.table(results);
}

if (role === 'serve') await serve();
else if (role === 'produce') await produce();
else await measure();
