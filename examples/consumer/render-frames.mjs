/**
 * Decodes the pictures of a stream with ffmpeg and shows them in the terminal, two rows of pixels in a
 * line; with --output DIR they are saved as images instead.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SegmentMerger } from 'kinesis-video-producer/parser';
import { openSetting } from './support/setting.mjs';

const WIDTH = 64;
const HEIGHT = 36;
const PICTURE = WIDTH * HEIGHT * 3;

const setting = await openSetting();
const { streamName, consumer, follow, output } = setting;

const target =
  output === undefined
    ? ['-vf', `fps=5,scale=${WIDTH}:${HEIGHT}`, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']
    : ['-vf', 'fps=1', join(output, 'picture-%04d.png')];
if (output !== undefined) mkdirSync(output, { recursive: true });
const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-i', '-', '-an', ...target], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
// It ends its input when it has seen enough.
ffmpeg.stdin.on('error', () => undefined);
const closed = once(ffmpeg, 'close');
const showing = show(ffmpeg.stdout);

const merger = new SegmentMerger((piece) => ffmpeg.stdin.write(piece));
const start = follow ? 'now' : 'earliest';
for await (const fragment of consumer.getMedia({ streamName, start, endless: follow })) {
  const data = await fragment.data();
  if (fragment.state === 'whole') merger.push(data);
  if (ffmpeg.stdin.writableNeedDrain) await once(ffmpeg.stdin, 'drain');
}
ffmpeg.stdin.end();
const pictures = await showing;
const [status] = await closed;
if (status !== 0) process.exitCode = 1;
const count = output === undefined ? pictures : readdirSync(output).length;
console.log(`${merger.counts.fragments} fragments, ${count} pictures`);
await setting.close();

/** Shows raw pictures as they come; returns how many there were. */
async function show(stream) {
  let rest = new Uint8Array(0);
  let shown = 0;
  for await (const chunk of stream) {
    const bytes = new Uint8Array(rest.length + chunk.length);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    let at = 0;
    for (; at + PICTURE <= bytes.length; at += PICTURE) {
      draw(bytes.subarray(at, at + PICTURE), shown);
      shown += 1;
    }
    rest = bytes.slice(at);
  }
  return shown;
}

/** Draws one picture over the one before; where nobody watches it is not drawn. */
function draw(pixels, index) {
  if (!process.stdout.isTTY) return;
  const color = (x, y) => [0, 1, 2].map((part) => pixels[(y * WIDTH + x) * 3 + part]).join(';');
  const lines = [];
  for (let y = 0; y < HEIGHT; y += 2) {
    let line = '';
    for (let x = 0; x < WIDTH; x += 1) {
      line += `\u001b[38;2;${color(x, y)}m\u001b[48;2;${color(x, y + 1)}m\u2580`;
    }
    lines.push(`${line}\u001b[0m`);
  }
  const up = index === 0 ? '' : `\u001b[${HEIGHT / 2}A`;
  process.stdout.write(`${up}${lines.join('\n')}\n`);
}
