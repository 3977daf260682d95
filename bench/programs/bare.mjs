/** A program that does nothing. */
import { residentMebibytes } from './resident.mjs';

console.log(JSON.stringify({ mebibytes: await residentMebibytes() }));
