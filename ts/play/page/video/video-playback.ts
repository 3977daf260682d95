import { openSession, PageError } from '../api.js';
import { make } from '../elements.js';
import type { Playback, PlaybackEvents, When } from '../playback.js';
import type { SessionRequest } from '../../protocol.js';
import type { AttachedPlayer, AttachPlayer } from './attached-player.js';

/** What the service has for a live session when nothing was sent of late. */
const NO_FRAGMENTS = 'STATUS_NOT_FOUND';
const WAITING = 'Waiting for media: nothing was sent to the stream in the last 30 seconds.';
const WAITING_INTERVAL = 1000;

/** Plays HLS or DASH with a player library in a video element. */
export class VideoPlayback implements Playback {
  readonly hasSound = true;
  readonly #stage: Element;
  readonly #attach: AttachPlayer;
  readonly #events: PlaybackEvents;
  readonly #when: When;
  readonly #request: SessionRequest;
  readonly #stop = new AbortController();
  #video: HTMLVideoElement;
  #player: AttachedPlayer | undefined;
  #isStarted = false;
  #hasFailed = false;
  /** As the library says, which may leave the video element before its end. */
  #hasEnded = false;

  constructor(parts: {
    readonly stage: Element;
    readonly attach: AttachPlayer;
    readonly events: PlaybackEvents;
    readonly when: When;
    readonly request: SessionRequest;
  }) {
    this.#stage = parts.stage;
    this.#attach = parts.attach;
    this.#events = parts.events;
    this.#when = parts.when;
    this.#request = parts.request;
    this.#video = make('video', { playsInline: true, muted: true, autoplay: true });
    this.#video.setAttribute('aria-label', 'The video of the stream');
  }

  play(): void {
    if (this.#isStarted) {
      void this.#video.play().catch(() => undefined);
      return;
    }
    this.#isStarted = true;
    this.#start().catch((error: unknown) => {
      if (this.#stop.signal.aborted) return;
      this.#fail(error instanceof Error ? error.message : String(error));
    });
  }

  pause(): void {
    this.#video.pause();
  }

  setMuted(isMuted: boolean): void {
    this.#video.muted = isMuted;
  }

  goLive(): void {
    this.#player?.goLive();
    this.play();
  }

  destroy(): void {
    this.#stop.abort();
    this.#player?.destroy();
    this.#video.remove();
  }

  async #start(): Promise<void> {
    const { signal } = this.#stop;
    const video = this.#video;
    this.#events.state('connecting');
    const url = await this.#openSession(signal);
    this.#stage.prepend(video);
    this.#listen(video, signal);
    const player = await this.#attach({
      video,
      url,
      when: this.#when,
      onError: (text) => {
        this.#fail(text);
      },
      onEnded: () => {
        this.#hasEnded = true;
        if (!this.#hasFailed) this.#events.state('ended');
      },
      onBytes: (bytes) => {
        this.#events.received(bytes);
      },
    });
    if (signal.aborted) {
      player.destroy();
      return;
    }
    this.#player = player;
    this.#watchFrames(video);
  }

  /** Opens a session; a live one as soon as there is something to play. */
  async #openSession(signal: AbortSignal): Promise<string> {
    for (;;) {
      try {
        return await openSession(this.#request, signal);
      } catch (error) {
        const isEmpty = error instanceof PageError && error.code === NO_FRAGMENTS;
        if (!isEmpty || !this.#when.live) throw error;
        this.#events.state('waiting', WAITING);
        await new Promise((resolve) => setTimeout(resolve, WAITING_INTERVAL));
      }
    }
  }

  #listen(video: HTMLVideoElement, signal: AbortSignal): void {
    const on = (name: string, listener: () => void): void => {
      video.addEventListener(
        name,
        () => {
          if (!this.#hasFailed) listener();
        },
        { signal },
      );
    };
    const hasEnded = (): boolean => this.#hasEnded || video.ended;
    on('canplay', () => {
      // The browser lets nothing begin by itself; somebody has to.
      if (video.paused && !hasEnded()) this.#events.state('paused');
    });
    on('playing', () => {
      this.#hasEnded = false;
      this.#events.state('playing');
    });
    on('waiting', () => {
      if (video.currentTime > 0 && !hasEnded())
        this.#events.state('waiting', 'Waiting for more media.');
    });
    on('pause', () => {
      if (!hasEnded()) this.#events.state('paused');
    });
    on('ended', () => {
      this.#events.state('ended');
    });
    on('resize', () => {
      this.#events.picture(`${video.videoWidth} × ${video.videoHeight}`);
    });
  }

  /** Tells of each frame that gets onto the screen. */
  #watchFrames(video: HTMLVideoElement): void {
    let presented: number | undefined;
    const onFrame: VideoFrameRequestCallback = (_now, { mediaTime, presentedFrames }) => {
      if (this.#stop.signal.aborted) return;
      const missed = presented === undefined ? 0 : presentedFrames - presented - 1;
      presented = presentedFrames;
      if (missed > 0) this.#events.skipped(missed);
      video.requestVideoFrameCallback(onFrame);
      // Between two places, it is not certain of which the picture is.
      if (video.seeking) return;
      const time = this.#player?.producerTime();
      const ahead = (video.currentTime - mediaTime) * 1000;
      const shown = time === undefined ? undefined : time - ahead;
      video.dataset['time'] = shown === undefined ? '' : String(shown);
      video.dataset['mediaTime'] = String(mediaTime);
      this.#events.shown(shown);
    };
    video.requestVideoFrameCallback(onFrame);
  }

  #fail(text: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#events.state('failed', text);
    this.#player?.destroy();
    this.#player = undefined;
  }
}
