/**
 * A program that ends in the middle of an upload. Arguments: endpoint, transport, way. It says
 * `connected` once media flows, and exits with status 7 when it ends in the way that it was told.
 */
import { once } from 'node:events';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { KinesisVideoClient, type KinesisVideoStream } from '../../../ts/index.js';
import { collectGarbage } from '../../addon/support/native.js';
import { definition, frames, START } from './media.js';

interface Task {
  readonly endpoint: string;
  readonly transport: string;
  readonly way: string;
}

const [endpoint = '', transport = '', way = ''] = process.argv.slice(2);
const task: Task = isMainThread
  ? { endpoint, transport, way }
  : (workerData as { readonly task: Task }).task;

async function begin(): Promise<{ client: KinesisVideoClient; stream: KinesisVideoStream }> {
  const client = new KinesisVideoClient({
    region: 'us-west-2',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    endpoint: task.endpoint,
    transport: task.transport === 'worker' ? 'worker' : 'main',
  });
  const stream = await client.createStream(definition());
  for (const frame of frames({ count: 30 })) stream.putFrame(frame);
  await once(stream, 'fragmentAck');
  return { client, stream };
}

/** Goes on putting frames in every turn. */
function keepPutting(stream: KinesisVideoStream): void {
  let start = START + 10_000;
  const putMore = (): void => {
    for (const frame of frames({ count: 10, start })) stream.putFrame(frame);
    start += 1000;
    setImmediate(putMore);
  };
  putMore();
}

/** The whole producer in a worker of the program, which ends it at some moment. */
async function runInside(): Promise<void> {
  const loader = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(import.meta.url)})));`;
  for (let round = 0; round < 3; round += 1) {
    const worker = new Worker(loader, { eval: true, workerData: { task } });
    await once(worker, 'message');
    await new Promise((resolve) => setTimeout(resolve, round * 20));
    await worker.terminate();
  }
  process.exitCode = 7;
}

/** Leaves clients behind that nothing refers to. */
async function abandon(): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await begin();
    await collectGarbage();
  }
  process.exitCode = 7;
}

async function main(): Promise<void> {
  if (isMainThread && task.way === 'terminate') return runInside();
  if (task.way === 'garbage') return abandon();
  const { client, stream } = await begin();
  keepPutting(stream);
  parentPort?.postMessage('connected');
  switch (task.way) {
    case 'exit':
      setTimeout(() => process.exit(7), 50);
      return;
    case 'exit-in-listener':
      stream.on('fragmentAck', () => process.exit(7));
      return;
    case 'exit-while-stopping':
      void stream.stop();
      process.exit(7);
      return;
    case 'destroy-in-exit':
      process.on('exit', () => {
        client.destroy();
      });
      setTimeout(() => process.exit(7), 50);
      return;
    case 'throw':
      setTimeout(() => {
        throw new Error('on purpose');
      }, 50);
      return;
    case 'kill':
      setTimeout(() => process.kill(process.pid, 'SIGTERM'), 50);
      return;
    case 'destroy':
      client.destroy();
      process.exitCode = 7;
      // What still puts frames gets the error of a closed stream, and ends.
      process.on('uncaughtException', () => undefined);
  }
}

void main();
