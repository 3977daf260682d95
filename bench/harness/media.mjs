/** H.264 that is sound in form, with nothing to see: the same bytes in every run. */

export const FRAMES_PER_FRAGMENT = 30;
export const FRAME_MS = 33;

/** Baseline, 16x16 pixels. */
const SPS = Buffer.from('6742c01ed9003c221140', 'hex');
const PPS = Buffer.from('68ce3c80', 'hex');
const START_CODE = Buffer.from([0, 0, 0, 1]);

/** avcC with these parameter sets. */
export const CODEC_PRIVATE = Buffer.concat([
  Buffer.from('0142c01effe1000a', 'hex'),
  SPS,
  Buffer.from('010004', 'hex'),
  PPS,
]);

/**
 * One fragment of frames, for use over and over. Payloads are pseudo-random like compressed video,
 * with a zero in 256 bytes and no start code among them.
 *
 * @param {{ size: number, format: 'annexb' | 'avcc' }} options - bytes of each frame, and what goes
 *   before its NAL units: start codes, with the parameter sets in key frames, or lengths
 * @returns {{ data: Uint8Array, keyFrame: boolean }[]}
 */
export function makeFrames({ size, format }) {
  const random = pseudoRandom(size);
  return Array.from({ length: FRAMES_PER_FRAGMENT }, (_, index) => {
    const keyFrame = index === 0;
    // Not from the pool of Buffer: each frame has memory of its own, as those of a camera.
    const data = Buffer.allocUnsafeSlow(size);
    const slice = keyFrame && format === 'annexb' ? writeParameterSets(data) : 0;
    if (format === 'annexb') START_CODE.copy(data, slice);
    else data.writeUInt32BE(size - 4, 0);
    data[slice + 4] = keyFrame ? 0x65 : 0x41;
    for (let at = slice + 5, zeros = 0; at < size; at += 1) {
      const byte = random();
      data[at] = zeros === 2 && byte < 4 ? byte + 4 : byte;
      zeros = data[at] === 0 ? Math.min(zeros + 1, 2) : 0;
    }
    // A NAL unit does not end in zeros.
    data[size - 1] = 0x80;
    return { data, keyFrame };
  });
}

function writeParameterSets(data) {
  const sets = Buffer.concat([START_CODE, SPS, START_CODE, PPS]);
  sets.copy(data);
  return sets.length;
}

/** Bytes from a seed (xorshift32), as good as random for a scan that looks for zeros. */
function pseudoRandom(seed) {
  let state = (seed + 0x9e3779b9) >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 8) & 0xff;
  };
}
