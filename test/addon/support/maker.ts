/** What a worker thread of the tests does that makes streams until it is ended. */
import { parentPort } from 'node:worker_threads';
import { binding } from '../../../ts/internal/binding.js';
import type { NativeClient } from '../../../ts/internal/native.js';
import { makeConfig, MIB } from './native.js';

const configs = Array.from({ length: 50 }, (_, index) => makeConfig({ name: `camera-${index}` }));
parentPort?.postMessage('making');
for (;;) {
  const client = binding().createClient(10 * MIB, 0, '', 0) as NativeClient;
  for (const config of configs) client.createStream(config);
  client.close();
}
