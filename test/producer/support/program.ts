/** A program of a user, for tests of how its process ends. Arguments: endpoint, way. */
import { KinesisVideoClient } from '../../../ts/index.js';
import { canaryCredentials } from '../../support/canary.js';
import { definition, frames } from './media.js';

const TRANSPORT = process.env['KVS_TEST_TRANSPORT'];

const [endpoint = '', way = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const client = new KinesisVideoClient({
    region: 'us-west-2',
    credentials: canaryCredentials,
    endpoint,
    ...(TRANSPORT === 'worker' && { transport: 'worker' }),
  });
  const stream = await client.createStream(definition());
  console.log('created');
  if (way === 'idle') return;
  for (const frame of frames({ count: 30 })) stream.putFrame(frame);
  if (way === 'exit') {
    stream.once('connected', () => process.exit(7));
    return;
  }
  if (way === 'leave') return;
  const result = await stream.stop();
  console.log(result.complete, result.deliveredFrames);
}

void main();
