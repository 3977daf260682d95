/**
 * Writes the pictures of the demonstration clip over and over into a file of Matroska.
 *
 *   node make-media.mjs FILE LOOPS
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packager, videoOf } from './clip.mjs';

const CLIP = fileURLToPath(new URL('../../test/fixtures/clip.mp4', import.meta.url));
const CLIP_MS = 8000;
const [file, loops] = process.argv.slice(2);

const { media, track } = await videoOf(CLIP);
const pictures = [];
for await (const { data, ...packet } of media.packets()) {
  if (packet.trackId === track.trackId) pictures.push({ ...packet, data: Buffer.from(data) });
}
const out = openSync(file, 'w');
const put = packager(track, (chunk) => writeSync(out, chunk));
for (let loop = 0; loop < Number(loops); loop += 1) {
  const offset = loop * CLIP_MS;
  for (const { presentationTs, decodingTs, ...picture } of pictures) {
    const times = { presentationTs: presentationTs + offset, decodingTs: decodingTs + offset };
    put({ ...picture, ...times });
  }
}
closeSync(out);
console.log(JSON.stringify({ frames: pictures.length * Number(loops) }));
