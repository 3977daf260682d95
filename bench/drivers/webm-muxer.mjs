/** webm-muxer: Matroska into a function, a piece at a time as it is made. */
import { Muxer, StreamTarget } from 'webm-muxer';
import { CODEC_PRIVATE, FRAME_MS, FRAMES_PER_FRAGMENT } from '../harness/media.mjs';

export const title = 'webm-muxer';

/** @see open of kvs.mjs; it takes frames with lengths only. */
export function open(frames) {
  let bytes = 0;
  let index = 0;
  let end = 0;
  const target = new StreamTarget({
    onData(data, position) {
      bytes += data.length;
      end = Math.max(end, position + data.length);
    },
  });
  const muxer = new Muxer({
    target,
    type: 'matroska',
    streaming: true,
    video: { codec: 'V_MPEG4/ISO/AVC', width: 16, height: 16 },
  });
  const meta = { decoderConfig: { codec: 'avc1.42c01e', description: CODEC_PRIVATE } };
  return {
    run(count) {
      const before = bytes;
      for (const last = index + count; index < last; index += 1) {
        const { data, keyFrame } = frames[index % FRAMES_PER_FRAGMENT];
        const microseconds = index * FRAME_MS * 1000;
        muxer.addVideoChunkRaw(data, keyFrame ? 'key' : 'delta', microseconds, meta);
      }
      return bytes - before;
    },
    /** Bytes of the file so far. */
    length: () => end,
  };
}
