/** mediabunny: Matroska into a stream, only ever appended. */
import {
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  Output,
  StreamTarget,
} from 'mediabunny';
import { WritableStream } from 'node:stream/web';
import { CODEC_PRIVATE, FRAME_MS, FRAMES_PER_FRAGMENT } from '../harness/media.mjs';

export const title = 'mediabunny';

const DECODER = {
  codec: 'avc1.42c01e',
  codedWidth: 16,
  codedHeight: 16,
  description: CODEC_PRIVATE,
};

/** @see open of kvs.mjs */
export async function open(frames) {
  let bytes = 0;
  let index = 0;
  const target = new StreamTarget(
    new WritableStream({
      write({ data }) {
        bytes += data.length;
      },
    }),
  );
  const output = new Output({ format: new MkvOutputFormat({ appendOnly: true }), target });
  const source = new EncodedVideoPacketSource('avc');
  output.addVideoTrack(source);
  await output.start();
  const meta = { decoderConfig: DECODER };
  return {
    async run(count) {
      const before = bytes;
      for (const last = index + count; index < last; index += 1) {
        const { data, keyFrame } = frames[index % FRAMES_PER_FRAGMENT];
        const type = keyFrame ? 'key' : 'delta';
        const seconds = (index * FRAME_MS) / 1000;
        const packet = new EncodedPacket(data, type, seconds, FRAME_MS / 1000);
        await source.add(packet, meta);
      }
      return bytes - before;
    },
  };
}
