import type Videojs from 'video.js';
import { seekToEnd, type AttachPlayer } from './attached-player.js';
import { mediaFailure } from './media-failure.js';

/** What Video.js tells of the segment that is played. */
interface SegmentCue extends TextTrackCue {
  readonly value?: { readonly dateTimeObject?: Date };
}

/** It would put styles into the page, which forbids that and has its own. */
const NO_STYLES = { VIDEOJS_NO_DYNAMIC_STYLE: true };

/** HLS with Video.js, whose own controls are left out. */
export const attachVideoJs: AttachPlayer = async ({ video, url, onError }) => {
  Object.assign(window, NO_STYLES);
  const videojs = await load();
  const player = videojs(video, {
    controls: false,
    errorDisplay: false,
    textTrackSettings: false,
    bigPlayButton: false,
    loadingSpinner: false,
    html5: { vhs: { overrideNative: true }, nativeAudioTracks: false, nativeVideoTracks: false },
  });
  player.on('error', () => {
    onError(mediaFailure('Video.js', player.error()?.message ?? 'for no reason that it tells'));
  });
  player.src({ src: url, type: 'application/x-mpegURL' });
  return {
    producerTime: () => {
      const tracks = player.textTracks() as unknown as ArrayLike<TextTrack>;
      const track = Array.from(tracks).find(({ label }) => label === 'segment-metadata');
      const cue = track?.activeCues?.[0] as SegmentCue | undefined;
      const start = cue?.value?.dateTimeObject?.getTime();
      if (cue === undefined || start === undefined) return undefined;
      return start + (video.currentTime - cue.startTime) * 1000;
    },
    goLive: () => {
      seekToEnd(video, 0);
    },
    destroy: () => {
      player.dispose();
    },
  };
};

/** Its types are those of a module of another kind than the file is. */
async function load() {
  const library = await import('video.js');
  return library.default as unknown as typeof Videojs.default;
}
