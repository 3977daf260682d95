import type { MatroskaFrame, MatroskaTrack } from '../../../parser/index.js';
import { codecConfig, codecName } from '../../media/codec.js';
import { timeOf } from '../../media/frame-time.js';
import { Playout } from '../../media/playout.js';
import { PageError } from '../api.js';
import { make } from '../elements.js';
import type { PlaybackEvents } from '../playback.js';
import type { Sink } from './sink.js';
import { Sound } from './sound.js';

/** Pictures that are held decoded: they are large, and decoders have few of them. */
const MAX_DECODED = 6;
/** Frames that wait for the decoder before no more are read. */
const MAX_WAITING = 90;
/** When so many frames wait in live mode, all up to the newest key frame are left out. */
const MAX_BEHIND = 45;
/** How often pictures are looked after where nothing is drawn, as behind another window. */
const HIDDEN_INTERVAL = 100;
const DRAIN_INTERVAL = 20;

/** Decodes with WebCodecs and draws onto a canvas: there is no buffer but what evens out the arrival. */
export class CanvasSink implements Sink {
  readonly #canvas = make('canvas');
  readonly #context: CanvasRenderingContext2D;
  readonly #events: PlaybackEvents;
  readonly #isLive: boolean;
  readonly #playout: Playout;
  #decoder: VideoDecoder | undefined;
  #config: VideoDecoderConfig | undefined;
  #track: MatroskaTrack | undefined;
  #waiting: MatroskaFrame[] = [];
  #decoded: VideoFrame[] = [];
  #needsKeyFrame = true;
  #sound: Sound | undefined;
  #isMuted = true;
  #isPaused = false;
  #isScheduled = false;
  #wakeReader: (() => void) | undefined;
  readonly #hiddenTimer: number;

  constructor(stage: Element, events: PlaybackEvents, isLive: boolean) {
    this.#events = events;
    this.#isLive = isLive;
    this.#playout = new Playout(isLive ? 'live' : 'paced');
    const context = this.#canvas.getContext('2d', { alpha: false, desynchronized: true });
    if (context === null)
      throw new PageError('NO_CANVAS', 'This browser cannot draw: try another.');
    this.#context = context;
    this.#canvas.setAttribute('role', 'img');
    this.#canvas.setAttribute('aria-label', 'The video of the stream');
    stage.prepend(this.#canvas);
    // While the page is hidden nothing is drawn, and pictures would pile up.
    this.#hiddenTimer = window.setInterval(() => {
      if (document.hidden) this.#draw();
    }, HIDDEN_INTERVAL);
  }

  get hasSound(): boolean {
    return this.#sound !== undefined;
  }

  async configure(tracks: readonly MatroskaTrack[]): Promise<void> {
    const track = tracks.find(({ type }) => type === 'video');
    if (track === undefined) {
      throw new PageError(
        'NO_VIDEO',
        'The stream has no video track, and this way plays nothing else: play it over HLS.',
      );
    }
    const config = codecConfig(track);
    const found = config && { ...config, optimizeForLatency: true };
    if (found === undefined || (await VideoDecoder.isConfigSupported(found)).supported !== true) {
      throw new PageError(
        'UNSUPPORTED_CODEC',
        `This browser cannot decode ${codecName(track.codecId)} (${found?.codec ?? track.codecId}): try another browser, or HLS.`,
      );
    }
    this.#track = track;
    this.#config = found;
    this.#openDecoder();
    this.#sound?.destroy();
    this.#sound = await Sound.find(tracks, () => this.#playout.delay);
    this.#sound?.setMuted(this.#isMuted);
  }

  put(frame: MatroskaFrame): void {
    this.#sound?.put(frame);
    if (frame.trackNumber !== this.#track?.number) return;
    this.#waiting.push(frame);
    if (this.#isLive && this.#waiting.length > MAX_BEHIND) this.#skipToKeyFrame();
    this.#decode();
  }

  async ready(): Promise<void> {
    if (this.#waiting.length < MAX_WAITING) return;
    await new Promise<void>((resolve) => {
      this.#wakeReader = resolve;
    });
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#sound?.setMuted(isPaused || this.#isMuted);
    this.#playout.reset();
    for (const { timestamp } of this.#decoded.slice(0, 1)) this.#arrived(timestamp);
    this.#schedule();
  }

  setMuted(isMuted: boolean): void {
    this.#isMuted = isMuted;
    this.#sound?.setMuted(isMuted);
  }

  restart(): void {
    this.#waiting = [];
    this.#clearDecoded();
    this.#playout.reset();
    if (this.#config !== undefined) this.#openDecoder();
  }

  async drained(): Promise<void> {
    this.#decode();
    await this.#until(() => this.#waiting.length === 0);
    await this.#decoder?.flush().catch(() => undefined);
    this.#needsKeyFrame = true;
    await this.#until(() => this.#decoded.length === 0);
  }

  destroy(): void {
    window.clearInterval(this.#hiddenTimer);
    this.#sound?.destroy();
    if (this.#decoder?.state !== 'closed') this.#decoder?.close();
    this.#decoder = undefined;
    this.#waiting = [];
    this.#clearDecoded();
    this.#canvas.remove();
    this.#wakeReader?.();
  }

  async #until(isDone: () => boolean): Promise<void> {
    while (!isDone()) await new Promise((resolve) => setTimeout(resolve, DRAIN_INTERVAL));
  }

  #openDecoder(): void {
    if (this.#decoder !== undefined && this.#decoder.state !== 'closed') this.#decoder.close();
    const decoder = new VideoDecoder({
      output: (frame) => {
        if (this.#decoder === decoder) this.#output(frame);
        else frame.close();
      },
      error: () => {
        // What is broken is left out, up to the next key frame.
        if (this.#decoder === decoder) this.#openDecoder();
      },
    });
    decoder.addEventListener('dequeue', () => {
      this.#decode();
    });
    decoder.configure(this.#config as VideoDecoderConfig);
    this.#decoder = decoder;
    this.#needsKeyFrame = true;
  }

  /** Gives the decoder as much as it and the pictures it has made allow. */
  #decode(): void {
    const decoder = this.#decoder;
    while (
      decoder?.state === 'configured' &&
      this.#waiting.length > 0 &&
      decoder.decodeQueueSize + this.#decoded.length < MAX_DECODED
    ) {
      const frame = this.#waiting.shift() as MatroskaFrame;
      const { keyFrame, data } = frame;
      if (this.#needsKeyFrame && !keyFrame) {
        this.#events.skipped(1);
        continue;
      }
      this.#needsKeyFrame = false;
      const type = keyFrame ? 'key' : 'delta';
      const timestamp = Math.round(timeOf(frame) * 1000);
      decoder.decode(new EncodedVideoChunk({ type, timestamp, data }));
    }
    if (this.#waiting.length < MAX_WAITING / 2) {
      this.#wakeReader?.();
      this.#wakeReader = undefined;
    }
  }

  #skipToKeyFrame(): void {
    const index = this.#waiting.findLastIndex(({ keyFrame }) => keyFrame);
    if (index <= 0) return;
    this.#events.skipped(index);
    this.#waiting.splice(0, index);
    this.#needsKeyFrame = true;
  }

  #output(frame: VideoFrame): void {
    this.#arrived(frame.timestamp);
    this.#decoded.push(frame);
    this.#schedule();
  }

  #arrived(timestamp: number): void {
    this.#playout.arrived(timestamp / 1000, Date.now());
  }

  #schedule(): void {
    if (this.#isScheduled || this.#decoded.length === 0) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#draw();
      this.#schedule();
    });
  }

  /** Draws the newest of the pictures that are due, and lets the older ones go. */
  #draw(): void {
    if (this.#isPaused) return;
    const now = Date.now();
    const isDue = ({ timestamp }: VideoFrame): boolean =>
      this.#playout.isDue(timestamp / 1000, now);
    const newest = this.#decoded.findLastIndex(isDue);
    if (newest < 0) return;
    const due = this.#decoded.splice(0, newest + 1);
    const shown = due.pop() as VideoFrame;
    this.#paint(shown);
    for (const frame of [...due, shown]) frame.close();
    if (due.length > 0) this.#events.skipped(due.length);
    this.#decode();
  }

  #paint(frame: VideoFrame): void {
    const { displayWidth, displayHeight, timestamp } = frame;
    if (this.#canvas.width !== displayWidth || this.#canvas.height !== displayHeight) {
      this.#canvas.width = displayWidth;
      this.#canvas.height = displayHeight;
    }
    this.#context.drawImage(frame, 0, 0, displayWidth, displayHeight);
    this.#canvas.dataset['time'] = String(timestamp / 1000);
    this.#events.shown(timestamp / 1000);
  }

  #clearDecoded(): void {
    for (const frame of this.#decoded) frame.close();
    this.#decoded = [];
  }
}
