/** What a worker thread of the tests does with an addon of its own: streams until it is told to end. */
import { parentPort, workerData } from 'node:worker_threads';
import { binding } from '../../../ts/internal/binding.js';
import type { NativeClient, NativeStream } from '../../../ts/internal/native.js';
import { makeConfig, MIB, START } from './native.js';

const { forever } = workerData as { forever: boolean };
const client = binding().createClient(10 * MIB, 0, '', 0) as NativeClient;
const stream = client.createStream(makeConfig()) as NativeStream;
const frame = new Uint8Array(2000).fill(1);
const out = new Uint8Array(64 * 1024);
let session: { sessionId: number } | undefined;

for (let index = 0; forever || index < 1000; index += 1) {
  stream.putFrame(frame, index % 30 === 0 ? 1 : 0, 1, START + index, START + index, 0);
  session ??= stream.openSession(0) as { sessionId: number };
  stream.readSession(session.sessionId, out);
  while (stream.pollEvent() !== undefined);
  if (index === 500) parentPort?.postMessage('streaming');
}
const metrics = stream.metrics();
parentPort?.postMessage(typeof metrics === 'number' ? metrics : metrics.framesPut);
