/** Memory and speed do not depend on the size of the media. */
import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { openMedia } from '../../ts/ingest/index.js';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { ffmpeg, scratch } from './support.js';

const test = suite('memory of ingest', { timeout: 60_000 });

const MIB = 1024 * 1024;

/** Reads everything; returns the bytes of all packets and the most memory that buffers took. */
async function measure(source: Parameters<typeof openMedia>[0]) {
  let bytes = 0;
  let peak = 0;
  const before = process.memoryUsage().arrayBuffers;
  for await (const packet of (await openMedia(source)).packets()) {
    bytes += packet.data.length;
    peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
  }
  return { bytes, peak };
}

test('a large file is never held in memory, whatever its container and from a pipe too', async (t) => {
  requireTool(t, 'ffmpeg');
  const folder = scratch(t);
  const large = join(folder, 'large.mp4');
  const noise = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=960x540:r=25:d=6',
    '-vf',
    'noise=alls=100:allf=t',
  ];
  ffmpeg(...noise, '-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '4', '-g', '25', large);
  assert.ok(statSync(large).size > 100 * MIB, `${statSync(large).size} bytes`);

  const copies = {
    'large.mkv': [],
    'large.h264': [],
    'fragmented.mp4': ['-movflags', 'frag_keyframe+empty_moov'],
  };
  const files = [large];
  for (const [name, options] of Object.entries(copies)) {
    const path = join(folder, name);
    ffmpeg('-i', large, '-c', 'copy', ...options, path);
    files.push(path);
  }
  for (const path of files) {
    const piped = path === large ? [] : [createReadStream(path)];
    for (const source of [path, ...piped]) {
      const { bytes, peak } = await measure(source);
      assert.ok(bytes > 100 * MIB, `${path}: ${bytes} bytes`);
      assert.ok(peak < 64 * MIB, `${path}: ${Math.round(peak / MIB)} MiB`);
    }
  }
});
