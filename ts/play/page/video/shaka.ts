import type Shaka from 'shaka-player/dist/shaka-player.compiled-es2021.js';
import { seekToEnd, type AttachPlayer } from './attached-player.js';
import { keepUp } from './keep-up.js';
import { ManifestTimes } from './manifest-times.js';
import { mediaFailure } from './media-failure.js';

/** How far behind the newest is played, and what is to be there before it goes on, in seconds. */
const LIVE_DELAY = 1.5;
const REBUFFERING_GOAL = 0.3;
const GO_LIVE_DISTANCE = 1;
/** `shaka.util.Error.Severity.CRITICAL`. */
const CRITICAL = 2;
/** `shaka.util.Error.Code.LOAD_INTERRUPTED`. */
const LOAD_INTERRUPTED = 7000;

interface ShakaError {
  readonly severity: number;
  readonly code: number;
  readonly message: string;
}

/** HLS and DASH with Shaka Player. */
export const attachShaka: AttachPlayer = async ({ video, url, when, onError, onBytes }) => {
  const isDash = new URL(url).pathname.endsWith('.mpd');
  const times = isDash ? await ManifestTimes.open(url, when.live) : undefined;
  const shaka = await load();
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  await player.attach(video);
  player.configure({
    manifest: { defaultPresentationDelay: LIVE_DELAY },
    streaming: { rebufferingGoal: REBUFFERING_GOAL, retryParameters: { maxAttempts: 5 } },
  });
  player.addEventListener('error', (event: Event) => {
    const { detail } = event as Event & { readonly detail: ShakaError };
    if (detail.severity === CRITICAL) onError(describe(detail));
  });
  player.getNetworkingEngine()?.registerResponseFilter((_type, { data }) => {
    onBytes(data.byteLength);
  });
  const stopKeepingUp = when.live ? keepUp(video) : undefined;
  player.load(url).catch((error: unknown) => {
    const failure = error as ShakaError;
    // Taken back by destroying it.
    if (failure.code !== LOAD_INTERRUPTED) onError(describe(failure));
  });
  return {
    producerTime: () => {
      if (times !== undefined) return times.at(video.currentTime);
      // `getPlayheadTimeAsDate` is never closer to the newest than the library would play, and a
      // gap is no part of what is played.
      const timeline = player.getManifest()?.presentationTimeline;
      const seconds = timeline?.getProgramDateTimeForTime(video.currentTime);
      return seconds == null ? undefined : seconds * 1000;
    },
    goLive: () => {
      if (player.isLive()) player.goToLive();
      else seekToEnd(video, GO_LIVE_DISTANCE);
    },
    destroy: () => {
      times?.stop();
      stopKeepingUp?.();
      void player.destroy();
    },
  };
};

/** Its types are those of a module of another kind than the file is. */
async function load() {
  const library = await import('shaka-player/dist/shaka-player.compiled-es2021.js');
  return (library as unknown as { default: typeof Shaka.default }).default;
}

function describe({ code, message }: ShakaError): string {
  return mediaFailure('Shaka Player', `error ${code}, ${message}`);
}
