/** Worker threads that run a TypeScript file of the tests. */
import { Worker } from 'node:worker_threads';
import { isCompiled, programUrl } from '../../support/programs.js';

/** A worker cannot begin with a TypeScript file, but it can load one. */
const LOADER = `
  const { workerData } = require('node:worker_threads');
  import('tsx/esm/api').then(({ register }) => {
    register();
    return import(workerData.program);
  });
`;

/** Starts a program of this folder in a thread, with `data` in its `workerData`. */
export function startThread(name: string, data: Readonly<Record<string, unknown>> = {}): Worker {
  const url = programUrl(`./${name}`, import.meta.url);
  if (isCompiled) return new Worker(url, { workerData: data });
  const program = url.href;
  return new Worker(LOADER, { eval: true, workerData: { ...data, program } });
}
