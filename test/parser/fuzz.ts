/**
 * Fuzzes the parser for a while, from a seed:
 *
 *   node --import tsx test/parser/fuzz.ts [--seconds N] [--seed N] [FILE...]
 *
 * Inputs begin as the files that are given, or else as fixtures and made-up media. What breaks something
 * is left in build/fuzz/found, and can be given as FILE with --seconds 0.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { getMediaChunk } from './support/fragments.js';
import { check, mutate, Random } from './support/fuzz.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string' }, seed: { type: 'string' } },
});
const seconds = Number(values.seconds ?? 20);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const random = new Random(seed);
const fixtures = ['h264-aac.mkv', 'vp8-opus.webm', 'golden/h264.mkv', 'golden/h265-aac.mkv'];
const seeds: Uint8Array[] =
  positionals.length > 0
    ? positionals.map((path) => readFileSync(path))
    : [
        ...fixtures.map((name) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url))),
        Buffer.concat([getMediaChunk(0), getMediaChunk(1, true)]),
      ];

let inputs = 0;
let accepted = 0;
for (const input of seeds) await check(input, random);
for (const end = performance.now() + seconds * 1000; performance.now() < end; inputs += 1) {
  const origin = seeds[random.below(seeds.length)] ?? new Uint8Array(0);
  const input = mutate(origin, random);
  try {
    if (await check(input, random)) accepted += 1;
  } catch (error) {
    const folder = 'build/fuzz/found';
    mkdirSync(folder, { recursive: true });
    const file = `${folder}/parser-${seed}-${inputs}`;
    writeFileSync(file, input);
    process.stderr.write(`seed ${seed}, input ${inputs}, left in ${file}\n`);
    throw error;
  }
}
process.stdout.write(`seed ${seed}: ${inputs} inputs, ${accepted} of them sound\n`);
