import type Videojs from 'video.js';
import { seekToEnd, type AttachPlayer } from './attached-player.js';
import { keepUp } from './keep-up.js';
import { mediaFailure } from './media-failure.js';

/** What Video.js tells of the segment that is played. */
interface SegmentCue extends TextTrackCue {
  readonly value?: { readonly dateTimeObject?: Date };
}

/** It would put styles into the page, which forbids that and has its own. */
const NO_STYLES = { VIDEOJS_NO_DYNAMIC_STYLE: true };

/** It would stay three segments behind the newest, and go back there when it is brought closer. */
const VHS = { overrideNative: true, allowSeeksWithinUnsafeLiveWindow: true };

/** HLS with Video.js, whose own controls are left out. */
export const attachVideoJs: AttachPlayer = async ({ video, url, when, onError }) => {
  Object.assign(window, NO_STYLES);
  const videojs = await load();
  // What it puts around the video gets this class too, by which our styles know it.
  video.classList.add('video-js');
  const player = videojs(video, {
    controls: false,
    errorDisplay: false,
    textTrackSettings: false,
    bigPlayButton: false,
    loadingSpinner: false,
    html5: { vhs: VHS, nativeAudioTracks: false, nativeVideoTracks: false },
  });
  player.on('error', () => {
    onError(mediaFailure('Video.js', player.error()?.message ?? 'for no reason that it tells'));
  });
  const stopKeepingUp = when.live ? keepUp(video) : undefined;
  player.src({ src: url, type: 'application/x-mpegURL' });
  return {
    producerTime: () => {
      const tracks = player.textTracks() as unknown as ArrayLike<TextTrack>;
      const track = Array.from(tracks).find(({ label }) => label === 'segment-metadata');
      const cues = Array.from<SegmentCue>(track?.cues ?? []);
      // At the very end none is active: the clock is past the last one when its last picture is shown.
      const cue = cues.findLast(({ startTime }) => startTime <= video.currentTime);
      const start = cue?.value?.dateTimeObject?.getTime();
      if (cue === undefined || start === undefined) return undefined;
      return start + (video.currentTime - cue.startTime) * 1000;
    },
    goLive: () => {
      seekToEnd(video, 0);
    },
    destroy: () => {
      stopKeepingUp?.();
      player.dispose();
    },
  };
};

/** Its types are those of a module of another kind than the file is. */
async function load() {
  const library = await import('video.js');
  return library.default as unknown as typeof Videojs.default;
}
