/**
 * A program that blocks its thread while there is much to send. Arguments: endpoint, transport,
 * milliseconds to block. Tells on standard output, with times, when it blocks and when no longer.
 */
import { KinesisVideoClient } from '../../../ts/index.js';
import { definition, frames } from './media.js';

const [endpoint = '', transport = '', time = ''] = process.argv.slice(2);

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

async function main(): Promise<void> {
  const client = new KinesisVideoClient({
    region: 'us-west-2',
    // A function, which only this thread can call.
    credentials: () => Promise.resolve({ accessKeyId: 'local', secretAccessKey: 'local' }),
    endpoint,
    transport: transport === 'worker' ? 'worker' : 'main',
  });
  const stream = await client.createStream(definition());
  for (const frame of frames({ count: 480, size: 100_000 })) stream.putFrame(frame);
  while (stream.metrics.acks.persisted < 5) await new Promise((resolve) => setTimeout(resolve, 5));
  console.log('blocking', Date.now());
  block(Number(time));
  console.log('unblocked', Date.now());
  const result = await stream.stop();
  console.log('stopped', result.complete, result.deliveredFrames);
  await client.close();
}

void main();
