import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openMedia, type MediaInput, type MediaTrack } from '../../ingest/index.js';
import { packageRoot } from '../../internal/package-root.js';
import type { Frame } from '../../producer/index.js';
import { Pacer } from '../put/media-clock.js';

/** Media without end, in real time. */
export interface DemoMedia {
  /** What is to be seen, as a phrase. */
  readonly picture: string;
  readonly tracks: readonly MediaTrack[];
  readonly contentType: string;
  readonly annexB: boolean;
  /** Gives frames as they become due, until it is closed. */
  run(put: (frame: Frame) => void): Promise<void>;
  close(): Promise<void>;
}

const FRAME_RATE = 25;
/** A moving test pattern; a key frame each second; nothing that holds frames back. */
const FFMPEG_ARGUMENTS = [
  ['-v', 'error', '-nostdin', '-re'],
  ['-f', 'lavfi', '-i', `testsrc2=size=1280x720:rate=${FRAME_RATE}`],
  ['-c:v', 'libx264', '-preset', 'superfast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
  ['-b:v', '2M', '-maxrate', '2M', '-bufsize', '1M'],
  ['-g', String(FRAME_RATE), '-x264-params', 'scenecut=0'],
  ['-f', 'h264', '-'],
].flat();

/** The test pattern of ffmpeg, encoded as it is sent; without ffmpeg or x264 a clip, again and again. */
export async function openDemoMedia(): Promise<DemoMedia> {
  return (await openPattern()) ?? openClip();
}

async function openPattern(): Promise<DemoMedia | undefined> {
  const child = spawn('ffmpeg', FFMPEG_ARGUMENTS, { stdio: ['ignore', 'pipe', 'ignore'] });
  const isMissing = new Promise<undefined>((resolve) => {
    child.once('error', () => {
      resolve(undefined);
    });
  });
  const opening = openMedia(child.stdout, { format: 'h264', frameRate: FRAME_RATE }).catch(
    () => undefined,
  );
  const media = await Promise.race([opening, isMissing]);
  if (media === undefined) {
    child.kill();
    return undefined;
  }
  return {
    picture: 'a test pattern of ffmpeg',
    tracks: media.tracks,
    contentType: media.contentType,
    annexB: media.annexB,
    run: (put) => runPattern(media, put),
    close: () => closePattern(media, child),
  };
}

/** Frames come when they are due; their time is when they are put. */
async function runPattern(media: MediaInput, put: (frame: Frame) => void): Promise<void> {
  for await (const packet of media.packets()) {
    const now = Date.now();
    put({ ...packet, presentationTs: now, decodingTs: now });
  }
}

async function closePattern(media: MediaInput, child: ChildProcess): Promise<void> {
  child.kill();
  await media.close();
}

/** The clip is in the package, and in a clone among the fixtures of the tests. */
function clipPath(): string {
  const built = join(packageRoot(), 'dist/play/demo.mp4');
  return existsSync(built) ? built : join(packageRoot(), 'test/fixtures/demo.mp4');
}

async function openClip(): Promise<DemoMedia> {
  const path = clipPath();
  const first = await openMedia(path);
  const stop = new AbortController();
  return {
    picture: 'a clip that is repeated',
    tracks: first.tracks,
    contentType: first.contentType,
    annexB: first.annexB,
    run: (put) => runClip(first, path, put, stop.signal),
    close: async () => {
      stop.abort();
      await first.close();
    },
  };
}

/** Plays the clip over and over. It has no frames that are shown in another order than they are sent. */
async function runClip(
  first: MediaInput,
  path: string,
  put: (frame: Frame) => void,
  signal: AbortSignal,
): Promise<void> {
  const pacer = new Pacer();
  const origin = Date.now();
  let shift = 0;
  try {
    for (let media = first; ; media = await openMedia(path)) {
      let end = shift;
      for await (const packet of media.packets()) {
        const decodingTs = packet.decodingTs + shift;
        await pacer.wait(decodingTs, signal);
        put({ ...packet, presentationTs: origin + decodingTs, decodingTs: origin + decodingTs });
        end = Math.max(end, decodingTs + packet.duration);
      }
      shift = end;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
