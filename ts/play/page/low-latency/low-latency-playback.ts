import type { MatroskaFrame, MatroskaTrack } from '../../../parser/index.js';
import { codecName } from '../../media/codec.js';
import { timeOf } from '../../media/frame-time.js';
import { PageError } from '../api.js';
import { describeTracks, type Playback, type PlaybackEvents, type When } from '../playback.js';
import { Connection, type ConnectionEvents } from './connection.js';
import type { Sink } from './sink.js';

const WAITING_LIVE = 'Waiting for media: nothing is sent to the stream at the moment.';
const NOTHING = 'Nothing was sent to the stream in this time: choose another one.';

/** Plays what GetMedia sends, frame by frame as it arrives. */
export class LowLatencyPlayback implements Playback {
  readonly #sink: Sink;
  readonly #events: PlaybackEvents;
  readonly #when: When;
  #connection: Connection | undefined;
  /** Frames wait here while the decoder is set up for their tracks. */
  #configuring: Promise<void> = Promise.resolve();
  #tracks: readonly MatroskaTrack[] | undefined;
  #isOver = false;
  #hasMedia = false;
  #isPlaying = false;
  #isPaused = false;

  constructor(sink: Sink, events: PlaybackEvents, when: When) {
    this.#sink = sink;
    this.#events = events;
    this.#when = when;
  }

  get hasSound(): boolean {
    return this.#sink.hasSound;
  }

  play(): void {
    this.#isPaused = false;
    this.#sink.setPaused(false);
    if (this.#connection !== undefined) {
      this.#events.state('playing');
      return;
    }
    // What was held when it was paused is no longer new.
    this.#sink.restart();
    if (!this.#isPlaying) this.#events.state('connecting');
    const connection = new Connection(this.#connectionEvents());
    this.#connection = connection;
    this.#run(connection).catch((error: unknown) => {
      if (this.#connection !== connection) return;
      this.#connection = undefined;
      const text = error instanceof Error ? error.message : String(error);
      this.#events.state('failed', text);
      connection.close();
    });
  }

  pause(): void {
    this.#isPaused = true;
    this.#sink.setPaused(true);
    // Live media go on without us; what is on demand waits.
    if (this.#when.live) this.#close();
    this.#isPlaying = false;
    this.#events.state('paused');
  }

  setMuted(isMuted: boolean): void {
    this.#sink.setMuted(isMuted);
  }

  goLive(): void {
    this.#close();
    this.play();
  }

  destroy(): void {
    this.#close();
    this.#sink.destroy();
  }

  #close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #run(connection: Connection): Promise<void> {
    const when = this.#when;
    if (when.live) {
      await connection.follow();
      return;
    }
    await connection.replay(when.start, () => this.#isOver);
    await this.#configuring;
    await this.#sink.drained();
    if (this.#connection !== connection) return;
    this.#events.state('ended', this.#hasMedia ? undefined : NOTHING);
  }

  #connectionEvents(): ConnectionEvents {
    const events = this.#events;
    return {
      received: (bytes) => {
        events.received(bytes);
      },
      waiting: (reason) => {
        this.#isPlaying = false;
        events.state('waiting', reason ?? WAITING_LIVE);
      },
      restarted: () => {
        this.#sink.restart();
      },
      // A track that cannot be played ends the reading here.
      ready: async () => {
        await this.#configuring;
        await this.#sink.ready();
      },
      fragment: (header) => {
        this.#configure(header.tracks);
        events.fragment(header);
      },
      frame: (frame) => {
        this.#take(frame);
      },
      end: (end) => {
        events.fragmentEnd(end);
      },
      error: ({ id, message }) => {
        const text = [id, message].filter(Boolean).join(', ');
        throw new PageError(
          'SERVICE_ERROR',
          `The service ends the stream with error ${text}: try again.`,
          true,
        );
      },
    };
  }

  /** Sets the decoder up where the tracks are not those of the fragment before. */
  #configure(tracks: readonly MatroskaTrack[]): void {
    if (tracks === this.#tracks) return;
    this.#tracks = tracks;
    this.#events.picture(describeTracks(tracks, codecName));
    this.#configuring = this.#configuring.then(() => this.#sink.configure(tracks));
    this.#configuring.catch(() => undefined);
  }

  #take(frame: MatroskaFrame): void {
    if (!this.#when.live && timeOf(frame) > this.#when.end) this.#isOver = true;
    if (this.#isOver) return;
    this.#hasMedia = true;
    const put = (): void => {
      this.#sink.put(frame);
    };
    this.#configuring = this.#configuring.then(put);
    this.#configuring.catch(() => undefined);
    this.#events.frame(frame);
    if (this.#isPlaying || this.#isPaused) return;
    this.#isPlaying = true;
    this.#events.state('playing');
  }
}
