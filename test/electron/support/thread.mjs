/** A thread that streams with an addon of its own until it is ended; see environments.mjs. */
import { setInterval } from 'node:timers';
import { parentPort, workerData } from 'node:worker_threads';
import { makeClient, makeStream, putSome } from './streaming.mjs';

const { folder, endpoint } = workerData;
const stream = await makeStream(await makeClient(folder, endpoint));
let at = putSome(stream, Date.now());
parentPort.postMessage('streaming');
setInterval(() => {
  at = putSome(stream, at);
}, 20);
