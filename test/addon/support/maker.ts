/** What a worker thread of the tests does that makes objects until it is ended, and hardly else. */
import { parentPort } from 'node:worker_threads';
import { binding } from '../../../ts/internal/binding.js';
import type { NativeClient, NativeStream } from '../../../ts/internal/native.js';
import { makeConfig, MIB } from './native.js';

const client = binding().createClient(10 * MIB, 0, '', 0) as NativeClient;
const id = (client.createStream(makeConfig()) as NativeStream).id();
parentPort?.postMessage('making');
for (;;) (client.attachStream(id) as NativeStream).close();
