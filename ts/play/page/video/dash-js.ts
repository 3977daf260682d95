import { seekToEnd, type AttachPlayer } from './attached-player.js';
import { mediaFailure } from './media-failure.js';

/** How far behind the newest is played, in seconds. */
const LIVE_DELAY = 2;
/** A class by its type, of which only some members are given. */
const SETTINGS: object = { streaming: { delay: { liveDelay: LIVE_DELAY } } };

/** DASH with dash.js. */
export const attachDashJs: AttachPlayer = async ({ video, url, onError, onBytes }) => {
  const { MediaPlayer } = await import('dashjs');
  const player = MediaPlayer().create();
  player.updateSettings(SETTINGS);
  player.on('error', (event: object) => {
    const { error } = event as { readonly error?: { readonly message?: string } };
    onError(mediaFailure('dash.js', error?.message ?? 'for no reason that it tells'));
  });
  player.on('fragmentLoadingCompleted', (event: object) => {
    const { response } = event as { readonly response?: ArrayBuffer };
    onBytes(response?.byteLength ?? 0);
  });
  player.initialize(video, url, true);
  return {
    producerTime: () => {
      const time = player.timeAsUTC();
      return Number.isFinite(time) && time > 0 ? time * 1000 : undefined;
    },
    goLive: () => {
      seekToEnd(video, LIVE_DELAY);
    },
    destroy: () => {
      player.destroy();
    },
  };
};
