import type { MatroskaFrame, MatroskaTrack } from '../../../parser/index.js';
import { timeOf } from '../../media/frame-time.js';
import { Segmenter } from '../../media/segmenter.js';
import { PageError } from '../api.js';
import { make } from '../elements.js';
import type { PlaybackEvents } from '../playback.js';
import type { Sink } from './sink.js';
import { TrackBuffer } from './track-buffer.js';

/** How much is held before it is shown, in seconds: at first, more after each time that it ran out, at most. */
const FIRST_RESERVE = 0.18;
const MORE_RESERVE = 0.08;
const LARGEST_RESERVE = 0.6;
/** What it shrinks by in each second in which it does not run out. */
const LESS_RESERVE = 0.01;
/** Milliseconds after which running out is no part of the beginning, or of having run out. */
const SETTLED = 1500;
/** By how much more or less than the reserve is held until that is mended by playing faster or slower, or by a jump. */
const SLACK = 0.06;
const JUMP = 0.4;
const FAST = 1.12;
const SLOW = 0.92;
/** How much is read ahead on demand, and what has been shown is kept, in seconds. */
const READ_AHEAD = 10;
const KEPT = 10;
const CHECK_INTERVAL = 100;

/** Puts frames into MP4 and plays them in a video element with Media Source Extensions. */
export class MseSink implements Sink {
  readonly hasSound = true;
  readonly #video = make('video', { playsInline: true, muted: true });
  readonly #events: PlaybackEvents;
  readonly #isLive: boolean;
  #tracks: readonly MatroskaTrack[] = [];
  /** By track number; empty until the first frame after a beginning. */
  #buffers = new Map<number, TrackBuffer>();
  #origin: number | undefined;
  #opening: Promise<void> | undefined;
  #early: MatroskaFrame[] = [];
  #reserve = FIRST_RESERVE;
  #unsettledAt = performance.now();
  #isPaused = false;
  #url = '';
  readonly #timer: number;
  readonly #stop = new AbortController();

  constructor(stage: Element, events: PlaybackEvents, isLive: boolean) {
    this.#events = events;
    this.#isLive = isLive;
    this.#video.setAttribute('aria-label', 'The video of the stream');
    stage.prepend(this.#video);
    this.#video.addEventListener('waiting', () => {
      const now = performance.now();
      if (now < this.#unsettledAt + SETTLED) return;
      this.#unsettledAt = now;
      this.#reserve = Math.min(LARGEST_RESERVE, this.#reserve + MORE_RESERVE);
    });
    this.#timer = window.setInterval(() => {
      this.#keepUp();
    }, CHECK_INTERVAL);
    this.#watchFrames();
  }

  async configure(tracks: readonly MatroskaTrack[]): Promise<void> {
    const video = tracks.find(({ type }) => type === 'video');
    const type = video && Segmenter.mediaType(video);
    if (type !== undefined && !MediaSource.isTypeSupported(type)) {
      throw new PageError(
        'UNSUPPORTED_CODEC',
        `This browser cannot play ${type}: try another browser.`,
      );
    }
    this.#tracks = tracks.filter((track) => track.type === 'video' || isPlayable(track));
    this.restart();
  }

  put(frame: MatroskaFrame): void {
    if (this.#origin === undefined) this.#begin(frame);
    else if (this.#opening !== undefined) this.#early.push(frame);
    else this.#buffers.get(frame.trackNumber)?.put(frame);
  }

  async ready(): Promise<void> {
    await this.#opening;
    while (!this.#isLive && this.#ahead() > READ_AHEAD && !this.#stop.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, CHECK_INTERVAL));
    }
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (isPaused) this.#video.pause();
    else this.#keepUp();
  }

  setMuted(isMuted: boolean): void {
    if (this.#video.muted === isMuted) return;
    this.#video.muted = isMuted;
    // A track of sound that is not heard need not hold up the picture, so it is not played.
    if (this.#isLive) this.restart();
  }

  restart(): void {
    this.#close();
    this.#reserve = FIRST_RESERVE;
    this.#unsettledAt = performance.now();
  }

  async drained(): Promise<void> {
    await this.#opening;
    while (!this.#isDrained() && !this.#stop.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, CHECK_INTERVAL));
    }
  }

  destroy(): void {
    this.#stop.abort();
    window.clearInterval(this.#timer);
    this.#close();
    this.#video.remove();
  }

  /** Opens the buffers with the first frame that can be shown by itself. */
  #begin(frame: MatroskaFrame): void {
    const isVideo = ({ number, type }: MatroskaTrack): boolean =>
      number === frame.trackNumber && type === 'video';
    if (!this.#tracks.some(isVideo) || !frame.keyFrame) return;
    const origin = timeOf(frame);
    this.#origin = origin;
    this.#early = [frame];
    const opening = this.#open(origin);
    this.#opening = opening;
    opening.then(
      () => {
        if (this.#opening !== opening) return;
        this.#opening = undefined;
        for (const early of this.#early) this.#buffers.get(early.trackNumber)?.put(early);
        this.#early = [];
      },
      (error: unknown) => {
        if (this.#opening !== opening) return;
        this.#opening = undefined;
        this.#events.state('failed', error instanceof Error ? error.message : String(error));
      },
    );
  }

  async #open(origin: number): Promise<void> {
    const source = new MediaSource();
    const url = URL.createObjectURL(source);
    this.#url = url;
    this.#video.src = url;
    await new Promise((resolve) => {
      source.addEventListener('sourceopen', resolve, { once: true });
    });
    if (this.#url !== url) return;
    const isQuiet = this.#isLive && this.#video.muted;
    const tracks = this.#tracks.filter(({ type }) => type === 'video' || !isQuiet);
    this.#buffers = new Map(
      tracks.map((track) => {
        const buffer = source.addSourceBuffer(Segmenter.mediaType(track));
        return [track.number, new TrackBuffer(buffer, new Segmenter(track, origin))];
      }),
    );
  }

  #close(): void {
    this.#origin = undefined;
    this.#opening = undefined;
    this.#early = [];
    for (const buffer of this.#buffers.values()) buffer.close();
    this.#buffers.clear();
    if (this.#url !== '') URL.revokeObjectURL(this.#url);
    this.#url = '';
  }

  #isDrained(): boolean {
    const buffers = [...this.#buffers.values()];
    return buffers.every(({ isSettled }) => isSettled) && this.#ahead() <= CHECK_INTERVAL / 1000;
  }

  /** Seconds that are held and not yet shown. */
  #ahead(): number {
    const { buffered, currentTime } = this.#video;
    return buffered.length === 0 ? 0 : buffered.end(buffered.length - 1) - currentTime;
  }

  /** Begins to play when there is enough, stays close to the newest, and lets go of what is old. */
  #keepUp(): void {
    const video = this.#video;
    const ahead = this.#ahead();
    if (this.#isPaused || video.buffered.length === 0) return;
    if (video.paused && ahead >= this.#reserve) void video.play().catch(() => undefined);
    // A gap, or the beginning, where nothing is to be played.
    const next = nextStart(video.buffered, video.currentTime);
    if (next !== undefined) video.currentTime = next;
    if (this.#isLive) {
      const less = this.#reserve - (LESS_RESERVE * CHECK_INTERVAL) / 1000;
      this.#reserve = Math.max(FIRST_RESERVE, less);
      const surplus = ahead - this.#reserve;
      if (surplus > JUMP) video.currentTime += surplus;
      video.playbackRate = surplus > SLACK ? FAST : surplus < -SLACK ? SLOW : 1;
    }
    for (const buffer of this.#buffers.values()) buffer.forget(video.currentTime - KEPT);
  }

  #watchFrames(): void {
    const video = this.#video;
    let presented = 0;
    const onFrame: VideoFrameRequestCallback = (_now, { mediaTime, presentedFrames }) => {
      if (this.#stop.signal.aborted) return;
      if (presented > 0 && presentedFrames > presented + 1) {
        this.#events.skipped(presentedFrames - presented - 1);
      }
      presented = presentedFrames;
      if (this.#origin !== undefined) {
        const time = this.#origin + mediaTime * 1000;
        video.dataset['time'] = String(time);
        this.#events.shown(time);
      }
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  }
}

function isPlayable(track: MatroskaTrack): boolean {
  try {
    return track.type === 'audio' && MediaSource.isTypeSupported(Segmenter.mediaType(track));
  } catch {
    // MP4 cannot hold it; then there is only the picture.
    return false;
  }
}

/** Where the next range begins, unless `time` lies within one. */
function nextStart(buffered: TimeRanges, time: number): number | undefined {
  for (let range = 0; range < buffered.length; range += 1) {
    const start = buffered.start(range);
    if (time < start) return start;
    if (time < buffered.end(range)) return undefined;
  }
  return undefined;
}
