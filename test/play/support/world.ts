import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalKinesisVideo, type LocalKinesisVideo } from '../../../ts/local/index.js';
import type { TestContext } from '../../support/suite.js';
import { requireTool } from '../../support/tools.js';
import { writePattern } from './pattern.js';
import { PatternProducer } from './pattern-producer.js';
import { servePlay } from './serve.js';

/** An endpoint, a producer of the pattern, and the page that plays it. */
export interface World {
  readonly local: LocalKinesisVideo;
  readonly producer: PatternProducer;
  /** Address of the page. */
  readonly url: string;
}

let world: Promise<World & { close(): Promise<void> }> | undefined;

/** What all tests of a file share; the first one that asks for it starts it. */
export function theWorld(t: TestContext): Promise<World> {
  requireTool(t, 'ffmpeg');
  world ??= startWorld();
  return world;
}

/** Ends it, after the last test. */
export async function closeWorld(): Promise<void> {
  await (await world)?.close();
}

async function startWorld() {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-play-'));
  const path = join(folder, 'pattern.mp4');
  await writePattern(path);
  const local = await startLocalKinesisVideo();
  const producer = await PatternProducer.start(path, local, 'pattern');
  const play = await servePlay(local, 'pattern');
  return {
    local,
    producer,
    url: play.url,
    close: async () => {
      await producer.close();
      await play.close();
      await local.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
