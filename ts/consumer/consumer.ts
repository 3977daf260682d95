import { number, optional, resolveOptions } from '../internal/options.js';
import {
  checkServiceOptions,
  SERVICE_SHAPE,
  type ServiceOptions,
} from '../service/service-options.js';
import type { ArchivedFragment } from './archive/archived-fragment.js';
import { getClip, type MediaClip } from './archive/clip.js';
import { getImages, type GetImagesOptions, type StreamImage } from './archive/images.js';
import {
  listFragments,
  resolveRange,
  type FragmentInfo,
  type ListFragmentsOptions,
} from './archive/list-fragments.js';
import { getFragments, type GetFragmentsOptions } from './archive/read-range.js';
import { DataPlane } from './data-plane.js';
import { getMedia, type GetMediaOptions, type LiveFragment } from './live/get-media.js';
import { PlaybackSession, type RenewalOptions } from './playback/playback-session.js';
import {
  resolveDash,
  resolveHls,
  type DashSessionOptions,
  type HlsSessionOptions,
} from './playback/session-options.js';
import { getDashUrl, getHlsUrl, type PlaybackUrl } from './playback/session-url.js';

/** How to reach the service. Everything can be left out. */
export interface KinesisVideoConsumerOptions extends ServiceOptions {
  /**
   * Milliseconds until the answer to a call begins, its retries included. Default 10000 for the
   * control plane, 60000 for media, which the service may have to make first.
   */
  readonly requestTimeout?: number | undefined;
}

/** By default a URL is renewed when so much of its life is left. */
const RENEW_AT = 0.1;

/**
 * Reads streams of Kinesis Video Streams back: live and recorded media, URLs for players, clips and
 * images. All methods reject with a `KinesisVideoError` that names the stream, what the service said
 * and the remedy, or with the reason of their signal.
 *
 * @example
 * ```ts
 * const consumer = new KinesisVideoConsumer({ region: 'us-west-2' });
 * for await (const fragment of consumer.getMedia({ streamName: 'camera-1' })) {
 *   for await (const frame of fragment.frames()) show(frame.data, frame.producerTimestamp);
 * }
 * ```
 */
export class KinesisVideoConsumer {
  readonly #options: ServiceOptions;
  readonly #data: DataPlane;
  readonly #sessions = new Set<PlaybackSession>();

  /** @throws KinesisVideoError for an option that is unknown or out of range */
  constructor(options?: KinesisVideoConsumerOptions) {
    const resolved = resolveOptions('KinesisVideoConsumer', SERVICE_SHAPE, options);
    checkServiceOptions('KinesisVideoConsumer', resolved);
    this.#options = resolved;
    this.#data = new DataPlane(resolved);
  }

  /**
   * Reads a stream fragment by fragment, without end: connections that are lost, cut off, throttled or
   * ended by the service are made anew, and reading goes on where it was. Each fragment and each
   * frame is given out once. What is missing is told by `gapBefore` of the fragment behind it.
   *
   * A fragment is given out when it begins. No more is read than is asked for: who is slow is sent
   * less. Whoever leaves the loop ends the call. Rejects when it cannot connect at the beginning, and
   * later for what no repetition can mend, such as permissions. A stream that is deleted is waited for,
   * unless `endless` is false: when it is made anew, reading goes on with its first fragment.
   *
   * When a fragment was cut on its way to the service and its producer sends it again, its frames are
   * those that were not given out before; its bytes are all of it.
   */
  getMedia(options: GetMediaOptions): AsyncGenerator<LiveFragment, void, undefined> {
    return getMedia(this.#data, this.#options.logger ?? {}, options);
  }

  /** Lists the fragments of a range of time, in the order of their times. */
  listFragments(options: ListFragmentsOptions): AsyncGenerator<FragmentInfo, void, undefined> {
    return listFragments(this.#data, resolveRange(options));
  }

  /**
   * Reads the fragments of a range of time, in the order of their times, over several connections at a
   * time. Each is given out whole; of a connection that is lost, what is missing is asked for again. What
   * is in memory is bounded: 8 MiB, or one fragment, for each connection.
   */
  getFragments(options: GetFragmentsOptions): AsyncGenerator<ArchivedFragment, void, undefined> {
    return getFragments(this.#data, this.#options.logger ?? {}, options);
  }

  /**
   * Gets a range of time as an MP4 file: its first 200 fragments, or 100 MB. Rejects with
   * STATUS_NOT_FOUND when there are none.
   */
  async getClip(options: ListFragmentsOptions): Promise<MediaClip> {
    return getClip(this.#data, resolveRange(options));
  }

  /**
   * Gets images of a stream at regular times, page by page as they are taken. A span of more than the 5
   * minutes that the service takes is divided.
   */
  getImages(options: GetImagesOptions): AsyncGenerator<StreamImage, void, undefined> {
    return getImages(this.#data, options);
  }

  /** Gets a URL with which a player plays a stream by HLS, until it expires. */
  async getHlsUrl(options: HlsSessionOptions): Promise<PlaybackUrl> {
    return getHlsUrl(this.#data, resolveHls(options));
  }

  /** Gets a URL with which a player plays a stream by DASH, until it expires. */
  async getDashUrl(options: DashSessionOptions): Promise<PlaybackUrl> {
    return getDashUrl(this.#data, resolveDash(options));
  }

  /** Opens an HLS session whose URL is renewed before it expires. The signal also closes it later. */
  async openHlsSession(options: HlsSessionOptions & RenewalOptions): Promise<PlaybackSession> {
    const { renewBefore, ...session } = options;
    const resolved = resolveHls(session);
    return this.#openSession(resolved, renewBefore, (signal) =>
      getHlsUrl(this.#data, { ...resolved, signal }),
    );
  }

  /** Opens a DASH session whose URL is renewed before it expires. The signal also closes it later. */
  async openDashSession(options: DashSessionOptions & RenewalOptions): Promise<PlaybackSession> {
    const { renewBefore, ...session } = options;
    const resolved = resolveDash(session);
    return this.#openSession(resolved, renewBefore, (signal) =>
      getDashUrl(this.#data, { ...resolved, signal }),
    );
  }

  /** Ends what is going on, sessions included, and closes the connections. Idempotent. */
  close(): void {
    for (const session of this.#sessions) session.close();
    this.#data.close();
  }

  /** As `close`. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #openSession(
    session: { readonly expires: number; readonly signal: AbortSignal | undefined },
    renewBefore: number | undefined,
    renew: (signal: AbortSignal | undefined) => Promise<PlaybackUrl>,
  ): Promise<PlaybackSession> {
    const { expires, signal } = session;
    const limits = { min: 0, max: expires, unit: 'milliseconds' };
    const lead = optional(number(limits), expires * RENEW_AT)(renewBefore, 'renewBefore');
    const first = await renew(signal);
    const opened: PlaybackSession = new PlaybackSession(first, {
      renew,
      renewBefore: lead,
      signal,
      onClose: () => this.#sessions.delete(opened),
    });
    this.#sessions.add(opened);
    return opened;
  }
}
