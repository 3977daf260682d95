/** Imports the producer, and nothing else. */
import { processorTime } from '../harness/processor-time.mjs';
import { residentMebibytes } from './resident.mjs';

const before = await residentMebibytes();
const start = performance.now();
const startOfWork = processorTime();
await import('../../dist/index.js');
const cpu = processorTime() - startOfWork;
const time = performance.now() - start;
const mebibytes = (await residentMebibytes()) - before;
console.log(JSON.stringify({ time, cpu, mebibytes }));
