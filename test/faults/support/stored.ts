/** What an endpoint has really stored: its files, read back. */
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../../../ts/local/database.js';
import type { FragmentEntry } from '../../../ts/local/fragments/entry.js';
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

/** Reads every fragment in an endpoint's data folder, or those of one stream. */
export async function readStored(dataDir: string, streamName = ''): Promise<StoredFragment[]> {
  const stored: StoredFragment[] = [];
  if (!existsSync(join(dataDir, 'index'))) return stored;
  for (const [key, timecode] of await readIndex(dataDir, streamName)) {
    const [folder = '', number = ''] = key.split('!');
    const path = join(dataDir, 'fragments', folder, `${number}.mkv`);
    stored.push({ path, timecode, frames: framesOf(await readFile(path)) });
  }
  return stored;
}

/** The fragments in the index, of which a copy is read, since the endpoint may have it open. */
async function readIndex(dataDir: string, streamName: string): Promise<[string, number][]> {
  const copy = await mkdtemp(join(tmpdir(), 'kvs-index-'));
  try {
    await cp(join(dataDir, 'index'), copy, { recursive: true });
    const database = await Database.open(copy);
    const found: [string, number][] = [];
    await database.read('fragment!', (key, facts) => {
      const { timecode } = facts as FragmentEntry;
      if (streamName === '' || key.startsWith(`${streamName}!`)) found.push([key, timecode]);
    });
    await database.close();
    return found;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
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
