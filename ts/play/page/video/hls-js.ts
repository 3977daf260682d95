import type { ErrorData } from 'hls.js';
import type { AttachPlayer } from './attached-player.js';
import { mediaFailure } from './media-failure.js';

/** Live, playing begins so many of the longest segments before the end: nothing is closer. */
const SEGMENTS_BEHIND = 1;
const MAX_SEGMENTS_BEHIND = 6;
/** How fast is played to get back there. */
const CATCH_UP_RATE = 1.2;

/** HLS with hls.js. */
export const attachHlsJs: AttachPlayer = async ({ video, url, onError, onBytes }) => {
  const { default: Hls } = await import('hls.js');
  const hls = new Hls({
    // Its worker is a script of its own, and the main thread has little else to do.
    enableWorker: false,
    liveSyncDurationCount: SEGMENTS_BEHIND,
    liveMaxLatencyDurationCount: MAX_SEGMENTS_BEHIND,
    maxLiveSyncPlaybackRate: CATCH_UP_RATE,
  });
  let hasRecovered = false;
  const onProblem = (_event: unknown, { fatal, type, details, error }: ErrorData): void => {
    if (!fatal) return;
    if (type === Hls.ErrorTypes.MEDIA_ERROR && !hasRecovered) {
      hasRecovered = true;
      hls.recoverMediaError();
      return;
    }
    onError(mediaFailure('hls.js', `${details}, ${error.message}`));
  };
  hls.on(Hls.Events.ERROR, onProblem);
  hls.on(Hls.Events.FRAG_LOADED, (_event, { frag }) => {
    onBytes(frag.stats.loaded);
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    producerTime: () => hls.playingDate?.getTime(),
    goLive: () => {
      const { liveSyncPosition } = hls;
      if (liveSyncPosition !== null) video.currentTime = liveSyncPosition;
    },
    destroy: () => {
      hls.destroy();
    },
  };
};
