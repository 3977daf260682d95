/** This producer, without a network: frames go in through the API, Matroska comes out of the core. */
import { CODEC_PRIVATE, FRAME_MS, FRAMES_PER_FRAGMENT } from '../harness/media.mjs';
import { openCoreStream } from './core-stream.mjs';

const START = 1_700_000_000_000;
const FRAGMENT_MS = FRAMES_PER_FRAGMENT * FRAME_MS;

/**
 * @param {{ data: Uint8Array, keyFrame: boolean }[]} frames
 * @returns what puts the next frames, and takes after each of them what the producer would send; it
 *   gives how many bytes that was
 */
export function open(frames) {
  const tracks = [{ codec: 'h264', codecPrivateData: CODEC_PRIVATE }];
  const { stream, read, acknowledge } = openCoreStream({ tracks });
  let index = 0;
  let bytes = 0;
  const take = (chunk) => {
    bytes += chunk.length;
  };
  return {
    run(count) {
      const before = bytes;
      for (const last = index + count; index < last; index += 1) {
        const { data, keyFrame } = frames[index % FRAMES_PER_FRAGMENT];
        const presentationTs = START + index * FRAME_MS;
        stream.putFrame({ data, keyFrame, presentationTs });
        read(take);
        if (keyFrame && index > 0) acknowledge(presentationTs - FRAGMENT_MS);
      }
      return bytes - before;
    },
  };
}
