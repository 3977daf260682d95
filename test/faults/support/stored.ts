/** What an endpoint has really stored: its files, read back. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readIndex } from '../../../ts/local/fragments/index-file.js';
import { EbmlReader, ElementId, readBlockHeader } from '../../../ts/parser/index.js';
import { numberOf } from './source.js';

/** One fragment on the endpoint's disk. */
export interface StoredFragment {
  /** The file; no two have the same. */
  readonly path: string;
  readonly timecode: number;
  /** Numbers of its frames. */
  readonly frames: readonly number[];
}

/** Reads every fragment of every stream in an endpoint's data folder. */
export async function readStored(dataDir: string): Promise<StoredFragment[]> {
  const stored: StoredFragment[] = [];
  if (!existsSync(dataDir)) return stored;
  const names = await readdir(dataDir, { recursive: true });
  for (const name of names.filter((file) => file.endsWith('index.jsonl'))) {
    const index = join(dataDir, name);
    const { entries } = await readIndex(index);
    for (const { number, timecode } of entries) {
      const path = join(dirname(index), 'fragments', `${number}.mkv`);
      stored.push({ path, timecode, frames: framesOf(await readFile(path)) });
    }
  }
  return stored;
}

function framesOf(file: Buffer): number[] {
  const frames: number[] = [];
  const reader = new EbmlReader(
    {
      value: ({ id }, data) => {
        if (id !== (ElementId.SimpleBlock as number)) return;
        frames.push(numberOf(data.subarray(readBlockHeader(data)?.length ?? 0)));
      },
    },
    { streamed: [] },
  );
  reader.push(file);
  return frames;
}
