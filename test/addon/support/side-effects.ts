/** Streams to the endpoint of its argument; prints what of the process is as before and what not. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { definition, frames } from '../../producer/support/media.js';

/** SIGCHLD, which Node.js catches once a child is started: here by what compiles TypeScript. */
const CHILD_SIGNAL = 1n << 16n;

/** The test has a limit of its own, and an emulator may need all of it. */
const PATIENCE = 600_000;

/** What a library could change for everybody else in the process. */
function snapshot(): Record<string, unknown> {
  const status = readFileSync('/proc/self/status', 'utf8');
  const caught = BigInt(`0x${/^SigCgt:\s*(\w+)$/m.exec(status)?.[1] ?? ''}`);
  return {
    signals: status.match(/^(Umask|Sig(Blk|Ign)):.*$/gm),
    caught: (caught & ~CHILD_SIGNAL).toString(16),
    environment: createHash('sha256').update(JSON.stringify(process.env)).digest('hex'),
    folder: process.cwd(),
  };
}

async function main(): Promise<void> {
  const before = snapshot();
  const { KinesisVideoClient } = await import('../../../ts/index.js');
  const client = new KinesisVideoClient({
    region: 'us-west-2',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    endpoint: process.argv[2] ?? '',
    requestTimeout: PATIENCE,
  });
  const stream = await client.createStream(definition(), { timeout: PATIENCE });
  for (const frame of frames({ count: 30 })) stream.putFrame(frame);
  const { complete } = await stream.stop();
  await client.close();
  console.log(JSON.stringify({ before, after: snapshot(), complete }));
}

void main();
