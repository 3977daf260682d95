/** Kills an endpoint again and again while cameras upload to it, and counts what it has kept. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KinesisVideoClient } from '../../../ts/index.js';
import { seededRandom } from '../../../ts/local/faults/random.js';
import { ChildEndpoint } from '../../faults/support/child-endpoint.js';
import { Archive } from './archive.js';
import { Camera } from './camera.js';

/** How a trial is run. */
export interface TrialOptions {
  readonly kills: number;
  /** Decides about the moments of the kills. */
  readonly seed: number;
  /** Is told a sentence after each kill. */
  readonly report?: (sentence: string) => void;
}

/** What came of it. */
export interface TrialResult {
  /** Fragments that were acknowledged as PERSISTED. */
  readonly persisted: number;
  /** Fragments that the endpoint holds in the end, with those that nobody was told of. */
  readonly held: number;
  /** Sentences about what is missing, torn or not as it was put. */
  readonly problems: readonly string[];
}

/** Bytes of a frame, by stream: fragments that stay in memory to the end, and such as do not. */
const SIZES = [500, 8000, 60_000];
/** Longest time from the first acknowledgement after a start to the next kill (ms). */
const MAX_LIFE = 700;
/** Time for the cameras to be acknowledged something after a start (ms). */
const MAX_RECOVERY = 60_000;

/** Runs a trial from nothing to nothing. Rejects when it could not be carried out. */
export async function runTrial(options: TrialOptions): Promise<TrialResult> {
  const folder = await mkdtemp(join(tmpdir(), 'kvs-durability-'));
  const endpoint = await ChildEndpoint.start({ dataDir: join(folder, 'data') });
  try {
    const cameras = await upload(endpoint, options);
    // All that counts is what a process finds that has seen none of it.
    await endpoint.kill();
    await endpoint.start();
    return await examine(endpoint.endpoint, cameras);
  } finally {
    await endpoint.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Has cameras upload until all kills are done, and the rest after that. */
async function upload(endpoint: ChildEndpoint, options: TrialOptions): Promise<Camera[]> {
  const client = new KinesisVideoClient({
    region: 'us-west-2',
    endpoint: endpoint.endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const cameras: Camera[] = [];
  try {
    for (const [index, size] of SIZES.entries()) cameras.push(await open(client, index, size));
    await killRepeatedly(endpoint, cameras, options);
    for (const camera of cameras) camera.stop();
    await Promise.all(cameras.map(({ stream }) => stream.stop({ timeout: 30_000 })));
    return cameras;
  } finally {
    for (const camera of cameras) camera.stop();
    client.destroy();
  }
}

async function open(client: KinesisVideoClient, index: number, size: number): Promise<Camera> {
  const stream = await client.createStream({
    streamName: `camera-${index}`,
    retentionPeriod: 24,
    tracks: [{ codec: 'vp8', width: 640, height: 480 }],
    bufferDuration: 120_000,
    replayDuration: 120_000,
  });
  const camera = new Camera(stream, size);
  camera.start();
  return camera;
}

async function killRepeatedly(
  endpoint: ChildEndpoint,
  cameras: readonly Camera[],
  { kills, seed, report }: TrialOptions,
): Promise<void> {
  const random = seededRandom(seed);
  const count = (): number => cameras.reduce((sum, { persisted }) => sum + persisted.size, 0);
  for (let i = 1; i <= kills; i += 1) {
    const before = count();
    const deadline = performance.now() + MAX_RECOVERY;
    while (count() === before) {
      if (performance.now() > deadline) throw new Error(`Nothing is persisted before kill ${i}`);
      await sleep(5);
    }
    const life = Math.round(random() * MAX_LIFE);
    await sleep(life);
    await endpoint.kill();
    report?.(`kill ${i} of ${kills}, ${life} ms after an acknowledgement: ${count()} persisted`);
    await endpoint.start();
  }
}

async function examine(endpoint: string, cameras: readonly Camera[]): Promise<TrialResult> {
  const archive = new Archive(endpoint);
  const problems: string[] = [];
  let persisted = 0;
  let held = 0;
  try {
    for (const camera of cameras) {
      const listed = await archive.list(camera.stream.streamName);
      const found = await readAll(archive, camera, listed, problems);
      const lost = [...camera.persisted].filter((number) => !found.has(number));
      problems.push(...[...camera.problems, ...lost.map((number) => `${number} is missing`)]);
      persisted += camera.persisted.size;
      held += found.size;
    }
  } finally {
    archive.close();
  }
  return { persisted, held, problems };
}

/** Reads all that is listed or was acknowledged; returns the numbers of what is as it was put. */
async function readAll(
  archive: Archive,
  camera: Camera,
  listed: readonly string[],
  problems: string[],
): Promise<Set<string>> {
  const wanted = [...new Set([...listed, ...camera.persisted])];
  const found = new Set<string>();
  const { streamName } = camera.stream;
  const missing = (number: string): void => {
    problems.push(`${number} of ${streamName} cannot be read`);
  };
  for await (const { number, producerTimestamp, frames } of archive.read(
    streamName,
    wanted,
    missing,
  )) {
    const put = camera.fragmentAt(producerTimestamp);
    const isSame =
      put?.length === frames.length &&
      put.every((frame, i) => frame.equals(frames[i] ?? new Uint8Array()));
    if (isSame) found.add(number);
    else problems.push(`${number} of ${streamName} is not what was put at ${producerTimestamp}`);
  }
  return found;
}
