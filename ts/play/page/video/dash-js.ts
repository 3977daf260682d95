import { seekToEnd, type AttachPlayer } from './attached-player.js';
import { ManifestTimes } from './manifest-times.js';
import { mediaFailure } from './media-failure.js';

/** How far behind the newest is played, in seconds. */
const LIVE_DELAY = 3;
/** A class by its type, of which only some members are given. */
const SETTINGS: object = {
  streaming: {
    delay: { liveDelay: LIVE_DELAY },
    // It would ask a server of others for the time.
    utcSynchronization: { enabled: false },
    // It goes to the end of a range that it takes for ended, and would go back from there by this.
    seekDurationBackoff: 0,
  },
};

/** DASH with dash.js. */
export const attachDashJs: AttachPlayer = async ({
  video,
  url,
  when,
  onError,
  onEnded,
  onBytes,
}) => {
  const times = await ManifestTimes.open(url, when.live);
  const { MediaPlayer } = await import('dashjs');
  const player = MediaPlayer().create();
  player.updateSettings(SETTINGS);
  player.on('error', (event: object) => {
    const { error } = event as { readonly error?: { readonly message?: string } };
    onError(mediaFailure('dash.js', error?.message ?? 'for no reason that it tells'));
  });
  player.on('playbackEnded', (event: object) => {
    // By the manifest, where media may last some milliseconds longer: then the video is paused there.
    if ((event as { readonly isLast?: boolean }).isLast === true) onEnded();
  });
  player.on('fragmentLoadingCompleted', (event: object) => {
    const { response } = event as { readonly response?: ArrayBuffer };
    onBytes(response?.byteLength ?? 0);
  });
  player.initialize(video, url, true);
  return {
    producerTime: () => times.at(video.currentTime),
    goLive: () => {
      seekToEnd(video, LIVE_DELAY);
    },
    destroy: () => {
      times.stop();
      player.destroy();
    },
  };
};
