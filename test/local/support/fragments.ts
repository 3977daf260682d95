/** What the endpoint says it holds, and where it does. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '../../../ts/local/database.js';
import { FragmentStore } from '../../../ts/local/fragments/store.js';
import type { LocalKinesisVideo } from '../../../ts/local/index.js';
import type { TestContext } from '../../support/suite.js';
import { temporaryFolder } from './endpoint.js';
import { call } from './http.js';

export interface Fragment {
  readonly FragmentNumber: string;
  readonly FragmentSizeInBytes: number;
  readonly FragmentLengthInMilliseconds: number;
  readonly ProducerTimestamp: number;
  readonly ServerTimestamp: number;
}

/** All fragments of a stream, oldest first. */
export async function listFragments(
  local: LocalKinesisVideo,
  streamName = 'cam',
): Promise<Fragment[]> {
  const { json } = await call(local, '/listFragments', {
    StreamName: streamName,
    FragmentSelector: selector('SERVER_TIMESTAMP', 0, 4e9),
  });
  return json['Fragments'] as Fragment[];
}

/** A selector of fragments that begin from `from` to `to`, in epoch seconds. */
export function selector(type: string, from: number, to: number): object {
  return {
    FragmentSelectorType: type,
    TimestampRange: { StartTimestamp: from, EndTimestamp: to },
  };
}

/** A store without an endpoint, which is removed with the test. */
export async function temporaryStore(t: TestContext): Promise<FragmentStore> {
  const folder = temporaryFolder(t);
  const database = await Database.open(join(folder, 'index'));
  t.after(() => database.close());
  const media = join(folder, 'cam');
  mkdirSync(media);
  return await FragmentStore.open(media, database);
}

/** The folder with the media of a stream. */
export function mediaFolder(dataDir: string, streamName = 'cam'): string {
  return join(dataDir, 'fragments', streamName);
}

/** The names of the files with the fragments of a stream, oldest first. */
export function fragmentFiles(dataDir: string): string[] {
  return readdirSync(mediaFolder(dataDir)).sort();
}
