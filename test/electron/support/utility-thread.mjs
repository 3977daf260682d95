/**
 * A thread in place of a utility process, for ports of messages can go to a thread and to no process of
 * Node.js. It has what Electron adds to such a process, and runs the program.
 */
import { once } from 'node:events';
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { mainPort } from './main-port.mjs';

process.parentPort = {
  on: (_name, listener) => {
    parentPort.on('message', ({ message, ports }) => {
      listener({ data: message, ports: ports.map(mainPort) });
    });
  },
};
await import(workerData.program);
await once(parentPort, 'close');
