import { FRAMES_PER_FRAGMENT, makeFrames } from '../harness/media.mjs';
import { throughput } from '../harness/rounds.mjs';
import { findDriver, reasonToSkip } from '../drivers/index.mjs';
import { FRAMES } from './formats.mjs';

/** Muxers take what MP4 and Matroska hold, and leave start codes to their users. */
const isTaken = ({ driver, format }) => driver === 'kvs' || format === 'avcc';

/** Frames in from JavaScript, bytes of Matroska out, in this process and without a network. */
export const putReadJs = {
  name: 'put-read-js',
  title: 'put and read from JavaScript',
  cases: ['kvs', 'mediabunny', 'webm-muxer']
    .flatMap((driver) => FRAMES.map((frames) => ({ driver, ...frames })))
    .filter(isTaken),
  reasonToSkip,
  async measure({ driver, ...kind }, { quick }) {
    const { open } = await findDriver(driver);
    const { run } = await open(makeFrames(kind));
    const rounds = await throughput(run, { quick, unit: FRAMES_PER_FRAGMENT });
    return [{ what: `${kind.format}-${kind.size}`, unit: 'frames/s', rounds }];
  },
};
