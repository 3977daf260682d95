/** A video whose pictures tell which they are: the number of the frame in black and white squares. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export const PATTERN = { width: 320, height: 180, frameRate: 25, frames: 500 } as const;
/** Milliseconds from one frame to the next. */
export const FRAME_MS = 1000 / PATTERN.frameRate;

const BITS = 10;
const SQUARE = PATTERN.width / BITS;
/** Below the squares: Y, Cb, Cr of red, green, blue and yellow (BT.601). */
const COLOURS = [
  [81, 90, 240],
  [145, 54, 34],
  [41, 240, 110],
  [210, 16, 146],
] as const;

/** Writes the video, with a tone, as an MP4 file with its index in front. */
export async function writePattern(path: string): Promise<void> {
  const { width, height, frameRate, frames } = PATTERN;
  const seconds = frames / frameRate;
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ['-v', 'error', '-y'],
      ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`],
      ['-r', String(frameRate), '-i', '-'],
      ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`],
      ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', String(frameRate)],
      ['-x264-params', 'scenecut=0', '-c:a', 'aac', '-b:a', '32k', '-t', String(seconds)],
      ['-movflags', '+faststart', path],
    ].flat(),
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let complaint = '';
  ffmpeg.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  ffmpeg.stdin.on('error', () => undefined);
  const ended = once(ffmpeg, 'close');
  for (let frame = 0; frame < frames; frame += 1) {
    if (!ffmpeg.stdin.write(picture(frame))) await once(ffmpeg.stdin, 'drain');
  }
  ffmpeg.stdin.end();
  const [status] = (await ended) as [number];
  if (status !== 0) throw new Error(`ffmpeg: ${complaint}`);
}

function picture(frame: number): Buffer {
  const { width, height } = PATTERN;
  const luma = Buffer.alloc(width * height, 16);
  const chroma = Buffer.alloc((width * height) / 2, 128);
  for (let bit = 0; bit < BITS; bit += 1) {
    const isSet = (frame >> bit) & 1;
    if (isSet) fill(luma, width, { x: bit * SQUARE, y: 0, width: SQUARE, height: height / 2 }, 235);
  }
  const part = width / COLOURS.length;
  const [blue, red] = [chroma.subarray(0, chroma.length / 2), chroma.subarray(chroma.length / 2)];
  for (const [index, [y, u, v]] of COLOURS.entries()) {
    const box = { x: index * part, y: height / 2, width: part, height: height / 2 };
    fill(luma, width, box, y);
    const half = { x: box.x / 2, y: box.y / 2, width: part / 2, height: height / 4 };
    fill(blue, width / 2, half, u);
    fill(red, width / 2, half, v);
  }
  return Buffer.concat([luma, chroma]);
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function fill(plane: Buffer, stride: number, box: Box, value: number): void {
  for (let y = box.y; y < box.y + box.height; y += 1) {
    const start = y * stride + box.x;
    plane.fill(value, start, start + box.width);
  }
}

/** What a picture shows, read from its pixels in RGBA. */
export interface Reading {
  readonly frame: number;
  /** The names of the colours below the squares. */
  readonly colours: string;
}

/** Reads a picture of the pattern in its own size. */
export function readPicture(pixels: ArrayLike<number>): Reading {
  const { width, height } = PATTERN;
  const at = (x: number, y: number): number[] => {
    const index = (Math.floor(y) * width + Math.floor(x)) * 4;
    return [pixels[index] ?? 0, pixels[index + 1] ?? 0, pixels[index + 2] ?? 0];
  };
  let frame = 0;
  for (let bit = 0; bit < BITS; bit += 1) {
    const [red = 0] = at((bit + 0.5) * SQUARE, height / 4);
    if (red > 127) frame |= 1 << bit;
  }
  const part = width / COLOURS.length;
  const colours = COLOURS.map((_colour, index) => nameOf(at((index + 0.5) * part, height * 0.75)));
  return { frame, colours: colours.join(' ') };
}

function nameOf(colour: number[]): string {
  const names = ['red', 'green', 'blue'].filter((_name, index) => (colour[index] ?? 0) > 127);
  return names.join('+');
}

/** What `Reading.colours` is of every picture of the pattern. */
export const PATTERN_COLOURS = 'red green blue red+green';
