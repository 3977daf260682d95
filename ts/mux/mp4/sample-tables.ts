/** The tables of `stbl` that list samples and where they are (ISO/IEC 14496-12 clauses 8.6 and 8.7). */
import { join, u32 } from '../bytes.js';
import type { MuxSample } from '../samples.js';
import { fullBox } from './box.js';

/** Samples of one track that lie one behind the other in the file. */
export interface Chunk {
  readonly samples: readonly MuxSample[];
  /** Of the first sample, from the beginning of the file. */
  readonly offset: number;
}

/** The tables of a track whose samples are in these chunks. */
export function sampleTables(chunks: readonly Chunk[]): Uint8Array[] {
  const samples = chunks.flatMap((chunk) => chunk.samples);
  const offsets = samples.map(({ presentationTime, decodeTime }) => presentationTime - decodeTime);
  const keys = samples.flatMap(({ keyFrame }, index) => (keyFrame ? [index + 1] : []));
  return [
    runTable(
      'stts',
      0,
      samples.map(({ duration }) => duration),
    ),
    ...(offsets.some((offset) => offset !== 0) ? [runTable('ctts', 1, offsets)] : []),
    // Without the table, every sample is a random access point.
    ...(keys.length < samples.length ? [table('stss', keys)] : []),
    samplesPerChunk(chunks),
    fullBox('stsz', 0, 0, u32(0), list(samples.map(({ data }) => data.length))),
    table(
      'stco',
      chunks.map(({ offset }) => offset),
    ),
  ];
}

/** A table of pairs: how many samples in a row have a value, and the value. */
function runTable(type: string, version: number, values: readonly number[]): Uint8Array {
  const runs: [count: number, value: number][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run?.[1] === value) run[0] += 1;
    else runs.push([1, value]);
  }
  return fullBox(type, version, 0, u32(runs.length), pack(runs.flat()));
}

function samplesPerChunk(chunks: readonly Chunk[]): Uint8Array {
  const rows = chunks
    .map(({ samples }, index) => [index + 1, samples.length, 1] as const)
    .filter(([, count], index) => count !== chunks[index - 1]?.samples.length);
  return fullBox('stsc', 0, 0, u32(rows.length), pack(rows.flat()));
}

function table(type: string, values: readonly number[]): Uint8Array {
  return fullBox(type, 0, 0, list(values));
}

/** The count of the values, and the values. */
function list(values: readonly number[]): Uint8Array {
  return join([u32(values.length), pack(values)]);
}

/** The same as u32, for more values than a call can have arguments. */
function pack(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value);
  return bytes;
}
