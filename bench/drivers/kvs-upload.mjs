/** This producer with everything, to an endpoint. */
import { CERTIFICATE } from '../endpoint/certificate.mjs';
import { CODEC_PRIVATE, FRAME_MS, FRAMES_PER_FRAGMENT } from '../harness/media.mjs';
import { KinesisVideoClient } from '../../dist/index.js';

/** After so many frames other work of the event loop has its turn, as with a camera or a file. */
const FRAMES_PER_TURN = 16;

/** A client of the sink at `url`, with what a test of it wants to be different. */
export function makeClient(url, options = {}) {
  return new KinesisVideoClient({
    region: 'us-west-2',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    endpoint: url,
    ...(url.startsWith('https:') && { ca: CERTIFICATE }),
    ...options,
  });
}

/** A stream of H.264 for the frames of media.mjs. */
export function makeStream(client, options = {}) {
  const tracks = [{ codec: 'h264', codecPrivateData: CODEC_PRIVATE }];
  return client.createStream({ streamName: `bench-${process.pid}`, tracks, ...options });
}

/**
 * @param {{ url: string, transport?: 'main' | 'worker' }} options
 * @returns what puts frames as fast as they are taken, and resolves when they are
 */
export async function open(frames, { url, transport = 'main' }) {
  const client = makeClient(url, { transport });
  const stream = await makeStream(client, { streamingType: 'offline' });
  const start = Date.now();
  let index = 0;
  return {
    async run(count) {
      for (const last = index + count; index < last; index += 1) {
        const { data, keyFrame } = frames[index % FRAMES_PER_FRAGMENT];
        await stream.put({ data, keyFrame, presentationTs: start + index * FRAME_MS });
        if (index % FRAMES_PER_TURN === 0) await new Promise(setImmediate);
      }
    },
    async close() {
      const { complete } = await stream.stop();
      await client.close();
      if (!complete) throw new Error('The endpoint did not get all that was put');
    },
  };
}
