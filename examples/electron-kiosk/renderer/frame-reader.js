/** The frames of a track, one after the other. */

/**
 * Gives each frame of a track to `onFrame`, whose it then is to close.
 *
 * @param stallAfter - milliseconds without a frame after which the source is taken for dead
 * @returns why it has ended: the track has, nothing came any more, or `signal` was aborted
 */
export async function readFrames(track, onFrame, { signal, stallAfter }) {
  const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
  let reason = 'it was unplugged or taken away';
  const end = (why) => {
    reason = why;
    void reader.cancel();
  };
  const onAbort = () => end(signal.reason);
  const onEnded = () => end(reason);
  signal.addEventListener('abort', onAbort);
  track.addEventListener('ended', onEnded);
  let timer;
  try {
    for (;;) {
      timer = setTimeout(() => end('it gives no pictures or sound any more'), stallAfter);
      const { value, done } = await reader.read();
      clearTimeout(timer);
      if (done) return reason;
      onFrame(value);
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    track.removeEventListener('ended', onEnded);
  }
}
