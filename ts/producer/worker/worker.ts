/** The thread in which the connections of a client run: its beginning. */
import { workerData } from 'node:worker_threads';
import type { ThreadData } from './messages.js';
import { WorkerService } from './worker-service.js';

const { port } = workerData as ThreadData;
const service = new WorkerService((message) => {
  port.postMessage(message);
});
service.forwardChannels();
// The program's thread prints it, or has its listeners told.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  service.warn(warning);
});
port.on('message', (message) => {
  service.take(message as Parameters<WorkerService['take']>[0]);
});
