import { setTimeout as sleep } from 'node:timers/promises';
import { KinesisVideoError } from '../internal/errors.js';
import { expected, optional, resolveOptions } from '../internal/options.js';
import { kDefinition } from '../internal/symbols.js';
import type { Frame } from './frame.js';
import { FramePool } from './frame-pool.js';
import type { KinesisVideoStream } from './stream.js';
import { isTrackId } from './track-info.js';

/** Which tracks the frames belong to. */
export interface PutFrameHelperOptions {
  /** Default: the first video track of the stream. */
  readonly videoTrackId?: number | undefined;
  /** Default: its first audio track. */
  readonly audioTrackId?: number | undefined;
}

/** A frame of a track that its method names. */
export type TrackFrame = Omit<Frame, 'trackId'>;

/** How often (ms) `flush` looks. */
const POLL = 10;

const trackId = optional(isTrackId);
const SHAPE = { videoTrackId: trackId, audioTrackId: trackId };

/**
 * Puts the frames of a camera and of a microphone, which know nothing of each other, into one stream.
 *
 * It has no queue of its own: the stream brings the frames into order, see `frameOrder`, so that
 * fragments begin with a key frame and do not overlap. A source that falls silent holds the other one
 * up for `orderWindow` at most.
 */
export class PutFrameHelper {
  readonly #stream: KinesisVideoStream;
  readonly #videoTrackId: number;
  readonly #audioTrackId: number;
  readonly #videoPool = new FramePool();
  readonly #audioPool = new FramePool();

  /** @throws KinesisVideoError for a stream without such tracks, or that takes frames as they come */
  constructor(stream: KinesisVideoStream, options?: PutFrameHelperOptions) {
    const { videoTrackId, audioTrackId } = resolveOptions('PutFrameHelper', SHAPE, options);
    const definition = (stream as KinesisVideoStream | undefined)?.[kDefinition];
    if (definition === undefined) {
      throw expected('a stream of client.createStream()', 'the stream of PutFrameHelper', stream);
    }
    const { tracks, frameOrder } = definition;
    const find = (type: 'video' | 'audio', wanted: number | undefined): number => {
      const track = tracks.find(
        (item) => item.trackType === type && (wanted ?? item.trackId) === item.trackId,
      );
      if (track === undefined)
        throw unusable(stream, `has no ${type} track ${wanted ?? ''}`.trim());
      return track.trackId;
    };
    this.#stream = stream;
    this.#videoTrackId = find('video', videoTrackId);
    this.#audioTrackId = find('audio', audioTrackId);
    if (frameOrder === 'pass-through') {
      throw unusable(stream, 'takes frames in the order in which they come');
    }
  }

  /** Puts a frame of the picture; as `putFrame` of the stream. */
  putVideo(frame: TrackFrame): void {
    this.#stream.putFrame({ ...frame, trackId: this.#videoTrackId });
    this.#videoPool.release(frame.data);
  }

  /** Puts a frame of the sound; as `putFrame` of the stream. */
  putAudio(frame: TrackFrame): void {
    this.#stream.putFrame({ ...frame, trackId: this.#audioTrackId });
    this.#audioPool.release(frame.data);
  }

  /** Ends the fragment at hand; as `endFragment` of the stream. */
  endFragment(): void {
    this.#stream.endFragment();
  }

  /**
   * A buffer of `size` bytes for the next frame of the picture or of the sound. It is yours until it was
   * put: no other frame gets its memory meanwhile, and afterwards the next one may.
   */
  frameBuffer(size: number, isVideo: boolean): Buffer {
    return (isVideo ? this.#videoPool : this.#audioPool).take(size);
  }

  /**
   * Waits until no frame waits for one of the other track any more, which takes `orderWindow` at most
   * when nothing more is put, or until the stream is closed. Whether the service has them, `stop` and
   * the acknowledgements tell.
   */
  async flush(): Promise<void> {
    const isOpen = (): boolean => !['closed', 'failed'].includes(this.#stream.state);
    while (isOpen() && this.#stream.metrics.orderingFrames > 0) await sleep(POLL);
  }
}

function unusable(stream: KinesisVideoStream, problem: string): KinesisVideoError {
  const { streamName } = stream;
  const advice = "create it with a video and an audio track and a frameOrder such as 'multi-track'";
  return new KinesisVideoError(
    'STATUS_INVALID_ARG',
    `Stream "${streamName}" ${problem}: ${advice}.`,
    { values: { streamName }, advice },
  );
}
