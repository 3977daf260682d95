// Run in a project that has the package installed: every entry point can be imported, here and in a
// worker thread, and has the addon behind it.
import assert from 'node:assert/strict';
import { Worker, isMainThread } from 'node:worker_threads';
import { KinesisVideoClient, KinesisVideoError } from 'kinesis-video-producer';
import { openMedia } from 'kinesis-video-producer/ingest';
import { startLocalKinesisVideo } from 'kinesis-video-producer/local';

assert.equal(typeof openMedia, 'function');
assert.equal(typeof startLocalKinesisVideo, 'function');
assert.ok(new KinesisVideoError('STATUS_NULL_ARG', 'A message.') instanceof Error);

const client = new KinesisVideoClient({ region: 'us-west-2' });
await client.close();

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  await new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`The worker ended with ${code}`));
    });
  });
}
