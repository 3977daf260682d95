/** Imports the producer, and nothing else. */
import { residentMebibytes } from './resident.mjs';

const before = await residentMebibytes();
const start = performance.now();
await import('../../dist/index.js');
const milliseconds = performance.now() - start;
const mebibytes = (await residentMebibytes()) - before;
console.log(JSON.stringify({ milliseconds, mebibytes }));
