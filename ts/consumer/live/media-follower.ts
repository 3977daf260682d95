import type { Readable } from 'node:stream';
import type { StartSelector } from '@aws-sdk/client-kinesis-video-media';
import { backoffDelay } from '../../internal/backoff.js';
import { KinesisVideoError } from '../../internal/errors.js';
import { delay } from '../../internal/signal.js';
import type { Logger } from '../../logging/index.js';
import { Breather } from '../../parser/breather.js';
import { FragmentItems, type FragmentItem } from '../../parser/fragment-items.js';
import { MatroskaError, type FragmentError } from '../../parser/index.js';
import { GapFinder, type MediaGap } from './gap.js';
import { GivenFrames } from './given-frames.js';
import { damaged, fatalError, withoutNumber } from './live-errors.js';
import { isPassing, MediaConnection } from './media-connection.js';
import { OpenFragment } from './open-fragment.js';
import { ResumePoint } from './resume-point.js';

/** What a follower is made of. */
export interface FollowerParts {
  readonly streamName: string;
  /** Calls GetMedia. */
  readonly open: (start: StartSelector) => Promise<Readable>;
  readonly start: StartSelector;
  /** Whether to go on where there is nothing more for now. */
  readonly endless: boolean;
  /** Milliseconds without a byte after which a connection is given up. */
  readonly maxSilence: number;
  /** Milliseconds between fragments that are no gap. */
  readonly gapTolerance: number;
  readonly maxFrameBytes: number | undefined;
  readonly logger: Logger;
  readonly signal: AbortSignal | undefined;
}

/** An item, and for the beginning of a fragment the gap ahead of it. */
export type FollowedItem = FragmentItem & { readonly gap?: MediaGap | undefined };

/** Connections that are opened without finding anything new are so many milliseconds apart. */
const IDLE_PAUSE = 1000;
/** The service ends each connection after 45 minutes; an end by then says nothing about the media. */
const FULL_CONNECTION = 40 * 60_000;
/** A fragment that is damaged when it is read so many times will stay so. */
const MAX_DAMAGES = 3;
/** Attempts at the rest of a fragment when a reading is not endless. */
const MAX_ATTEMPTS = 3;

/**
 * Reads a stream over as many GetMedia connections as it takes, and gives out every fragment, frame and
 * byte once: behind a connection that was cut, the service sends the fragment again from its beginning,
 * of which what was given out before is left out. So are frames that the producer sends again when a
 * fragment was cut on its way to the service; the bytes of that fragment are given out whole.
 */
export class MediaFollower {
  readonly #parts: FollowerParts;
  readonly #point: ResumePoint;
  readonly #gaps: GapFinder;
  readonly #given = new GivenFrames();
  /** Items that were made here. */
  readonly #made: FollowedItem[] = [];
  #items = new FragmentItems();
  readonly #breather = new Breather();
  #connection: MediaConnection | undefined;
  #connectedAt = 0;
  #hasConnected = false;
  /** Whether the service has ended the connection, of which all was read. */
  #hasEnded = false;
  /** Whether the connection has brought anything new. */
  #progress = false;
  #open: OpenFragment | undefined;
  /** Whether the items belong to a fragment that was given out before. */
  #isRepeated = false;
  #serviceError: FragmentError | undefined;
  #failures = 0;
  #damages = 0;
  #isOver = false;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
    this.#point = new ResumePoint(parts.start);
    this.#gaps = new GapFinder(parts.gapTolerance);
  }

  /**
   * The next item; undefined when the reading is over, which an endless one never is. Rejects with a
   * KinesisVideoError for what no repetition can mend, and with the signal's reason.
   */
  async next(): Promise<FollowedItem | undefined> {
    for (;;) {
      const turn = this.#breather.pass();
      if (turn !== undefined) await turn;
      this.#parts.signal?.throwIfAborted();
      const item = this.#made.shift() ?? (await this.#take());
      if (item !== undefined) return item;
      if (this.#isOver) return undefined;
      if (this.#hasEnded) await this.#ended();
      else if (this.#connection === undefined) await this.#connect();
      else await this.#read(this.#connection);
    }
  }

  /** Ends the connection. */
  close(): void {
    this.#isOver = true;
    this.#connection?.close();
    this.#connection = undefined;
  }

  /** The next item of what was read that is new. */
  async #take(): Promise<FollowedItem | undefined> {
    for (;;) {
      let item: FragmentItem | undefined;
      try {
        item = this.#items.take();
      } catch (error) {
        await this.#lost(error);
        return undefined;
      }
      if (item === undefined) return undefined;
      const accepted = this.#accept(item);
      if (accepted !== undefined) return accepted;
      const made = this.#made.shift();
      if (made !== undefined) return made;
    }
  }

  #accept(item: FragmentItem): FollowedItem | undefined {
    if (item.type === 'fragment') return this.#begin(item);
    if (item.type === 'error') {
      this.#serviceError = item.error;
      return undefined;
    }
    if (this.#isRepeated) return undefined;
    const open = this.#open;
    if (open === undefined) return undefined;
    if (item.type !== 'end') {
      const fresh = open.pass(item);
      if (fresh !== undefined) this.#progress = true;
      return fresh;
    }
    // The end of a connection is not that of a fragment.
    if (item.end.atEndOfInput && item.end.continuationToken === undefined) return undefined;
    this.#open = undefined;
    this.#progress = true;
    this.#failures = 0;
    this.#damages = 0;
    this.#point.passed(open.header, item.end);
    this.#gaps.ended(open.header, item.end);
    return item;
  }

  #begin(item: FragmentItem & { readonly type: 'fragment' }): FollowedItem | undefined {
    const { header } = item;
    const { fragmentNumber } = header;
    if (fragmentNumber === undefined) throw withoutNumber(this.#parts.streamName);
    const open = this.#open;
    if (open?.header.fragmentNumber === fragmentNumber) {
      this.#isRepeated = false;
      open.again();
      return undefined;
    }
    const place = this.#point.placeOf(header);
    this.#isRepeated = place === 'read';
    if (this.#isRepeated) return undefined;
    const isRecreated = place === 'recreated';
    this.#progress = true;
    if (open !== undefined) this.#cut(open);
    this.#given.begins(header);
    this.#open = new OpenFragment(header, this.#given);
    this.#point.begun(header, isRecreated);
    const begun = { ...item, gap: this.#gaps.begins(header, isRecreated) };
    if (open === undefined) return begun;
    this.#made.push(begun);
    return undefined;
  }

  /** Gives up a fragment of which the service does not have the rest. */
  #cut(open: OpenFragment): void {
    this.#open = undefined;
    this.#point.passed(open.header);
    this.#gaps.cut(open.header, open.lastFrame);
    this.#given.cut();
    this.#made.push({ type: 'end', end: open.summary(), state: 'cut' });
  }

  async #connect(): Promise<void> {
    const { open, maxSilence, signal, maxFrameBytes } = this.#parts;
    this.#connectedAt = performance.now();
    this.#progress = false;
    this.#isRepeated = false;
    try {
      const body = await open(this.#point.selector);
      this.#hasConnected = true;
      this.#items = new FragmentItems(maxFrameBytes === undefined ? {} : { maxFrameBytes });
      this.#connection = new MediaConnection(body, maxSilence, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (isRefusedArgument(error) && this.#point.refused()) {
        this.#gaps.unavailable();
        return;
      }
      // Who cannot connect at all is told so at once: the endpoint or the network may be wrong.
      const isAnswered = error instanceof KinesisVideoError && 'httpStatus' in error.values;
      const canPass = isPassing(error) && (this.#hasConnected || isAnswered);
      if (!canPass && !this.#mayComeBack(error)) throw error;
      await this.#pause(error);
    }
  }

  /** Whether a stream that was there is not, and an endless reading waits until it is made anew. */
  #mayComeBack(error: unknown): boolean {
    return (
      this.#parts.endless &&
      this.#hasConnected &&
      error instanceof KinesisVideoError &&
      error.code === 'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR'
    );
  }

  async #read(connection: MediaConnection): Promise<void> {
    let chunk: Uint8Array | undefined;
    try {
      chunk = await connection.read();
    } catch (error) {
      this.#parts.signal?.throwIfAborted();
      await this.#lost(error);
      return;
    }
    this.#items.push(chunk);
    if (chunk !== undefined) return;
    this.#disconnect();
    this.#hasEnded = true;
  }

  #disconnect(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  /** The connection was lost, or what it brought is damaged. */
  async #lost(error: unknown): Promise<void> {
    this.#disconnect();
    this.#hasEnded = false;
    this.#items = new FragmentItems();
    if (error instanceof MatroskaError && error.code !== 'TRUNCATED') this.#damaged(error);
    // What goes well in between needs no rest.
    if (this.#progress) this.#failures = 0;
    else await this.#pause(error);
  }

  /** The service has ended the connection in the proper way. */
  async #ended(): Promise<void> {
    this.#hasEnded = false;
    const error = this.#serviceError;
    this.#serviceError = undefined;
    if (error !== undefined) {
      await this.#refused(error);
      return;
    }
    const age = performance.now() - this.#connectedAt;
    if (!this.#parts.endless && age < FULL_CONNECTION) {
      if (this.#open === undefined) {
        this.#isOver = true;
        return;
      }
      this.#failures = this.#progress ? 0 : this.#failures + 1;
      if (this.#failures >= MAX_ATTEMPTS) {
        this.#cut(this.#open);
        this.#isOver = true;
        return;
      }
    }
    if (!this.#progress) await delay(Math.max(0, IDLE_PAUSE - age), this.#parts.signal);
  }

  /** The service has told an error in the stream. */
  async #refused(error: FragmentError): Promise<void> {
    const fatal = fatalError(this.#parts.streamName, error);
    if (fatal !== undefined) throw fatal;
    if (error.id === 4000 && this.#point.refused()) this.#gaps.unavailable();
    await this.#pause(new Error(`error ${error.id ?? ''} ${error.message}`.trim()));
  }

  /** Counts the readings of a damaged fragment, and passes over it in the end. */
  #damaged(error: MatroskaError): void {
    this.#damages += 1;
    if (this.#damages < MAX_DAMAGES) return;
    this.#damages = 0;
    if (this.#open === undefined) throw damaged(this.#parts.streamName, error);
    this.#cut(this.#open);
  }

  async #pause(error: unknown): Promise<void> {
    const { logger, streamName, signal } = this.#parts;
    const pause = backoffDelay(this.#failures);
    this.#failures += 1;
    const message = error instanceof Error ? error.message : String(error);
    logger.warn?.(
      { streamName, pause: Math.round(pause), failures: this.#failures },
      `Reading stream "${streamName}" goes on in ${Math.round(pause)} ms: ${message}`,
    );
    await delay(pause, signal);
  }
}

function isRefusedArgument(error: unknown): boolean {
  return (
    error instanceof KinesisVideoError && error.code === 'STATUS_SERVICE_CALL_INVALID_ARG_ERROR'
  );
}
