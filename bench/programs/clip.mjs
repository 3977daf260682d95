/** Media of a file, frame by frame, into the producer without a network. */
import { openMedia } from '../../dist/ingest/index.js';
import { openCoreStream } from '../drivers/core-stream.mjs';

/** The video of a file: its track, and its frames with the memory of their own. */
export async function videoOf(file) {
  const media = await openMedia(file);
  const track = media.tracks.find(({ codec }) => codec === 'h264');
  return { media, track };
}

/** What puts frames and gives the bytes of Matroska to `take`; frames count from the first one on. */
export function packager(track, take) {
  const { stream, read, acknowledge } = openCoreStream({
    tracks: [track],
    absoluteFragmentTimes: false,
  });
  let first;
  let fragment;
  return (frame) => {
    first ??= frame.presentationTs;
    stream.putFrame(frame);
    read(take);
    if (!frame.keyFrame) return;
    if (fragment !== undefined) acknowledge(Math.round(fragment - first));
    fragment = frame.presentationTs;
  };
}
