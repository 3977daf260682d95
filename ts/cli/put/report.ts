import { KinesisVideoError } from '../../internal/errors.js';
import type { MediaInput } from '../../ingest/index.js';
import type {
  DroppedFrames,
  FragmentAck,
  FragmentAckType,
  StopResult,
  StreamMetrics,
} from '../../producer/index.js';
import type { Connection } from '../connection.js';
import { count, formatBytes, formatPosition } from '../format.js';
import { INTERRUPTED_STATUS } from '../interrupts.js';
import { JsonLines } from '../json-lines.js';
import type { Terminal } from '../terminal.js';
import { DropLines } from './drop-lines.js';
import { explainDrop, explainRefusal, type ExplainContext } from './explain.js';

/** How the report is made. */
export interface ReportOptions {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly context: ExplainContext;
  /** The path that the media come from, or `-`. */
  readonly path: string;
  /** Whether all tracks were asked for, so that one that is left out is news. */
  readonly allTracks: boolean;
}

/** How the upload ended, as far as the report does not know it by itself. */
export interface UploadEnd {
  readonly metrics: StreamMetrics | undefined;
  /** Undefined when there was no stream or it has failed. */
  readonly result: StopResult | undefined;
  /** Ended by a second interrupt, or by the first one before anything was sent. */
  readonly interrupted: boolean;
}

/** Keeps the books of an upload and tells people and programs about it. */
export class PutReport {
  readonly #options: ReportOptions;
  readonly #json: JsonLines;
  readonly #drops = new DropLines((drop) => {
    this.#json.write('drop', drop);
  });
  readonly #started = performance.now();
  readonly #acks: Record<FragmentAckType, number> = {
    BUFFERING: 0,
    RECEIVED: 0,
    PERSISTED: 0,
    ERROR: 0,
    IDLE: 0,
  };
  /** What has been told: one sentence for each kind of problem. */
  readonly #told = new Set<string>();
  #errors = 0;
  #dropped = 0;
  #refusal: FragmentAck | undefined;
  #frames = 0;
  #bytes = 0;

  constructor(options: ReportOptions) {
    this.#options = options;
    this.#json = new JsonLines(options.json);
  }

  /** Frames that were put. */
  get frames(): number {
    return this.#frames;
  }

  /** Fragments that the service has stored. */
  get persistedFragments(): number {
    return this.#acks.PERSISTED;
  }

  /** Tells what is about to be sent where. */
  start(media: MediaInput, connection: Connection, mode: string): void {
    const { context, path, allTracks, terminal } = this.#options;
    const tracks = media.tracks.map(({ codecPrivateData, ...track }) => ({
      ...track,
      codecPrivateBytes: codecPrivateData?.byteLength ?? 0,
    }));
    this.#json.write('start', {
      streamName: context.streamName,
      source: path,
      region: connection.region,
      endpoint: connection.endpoint,
      mode,
      format: media.format,
      contentType: media.contentType,
      duration: media.duration,
      tracks,
      skippedTracks: media.skippedTracks,
    });
    for (const { trackType, codec, reason } of allTracks ? media.skippedTracks : []) {
      terminal.line(`kvs: the ${trackType} track (${codec}) is left out: ${reason}`);
    }
    if (media.assumedFrameRate !== undefined) {
      terminal.line(
        `kvs: ${context.source} does not tell its frame rate; ${media.assumedFrameRate} is assumed (see --frame-rate)`,
      );
    }
    this.note(`Sending ${media.contentType} from ${context.source} to ${context.streamName}`);
  }

  /** Counts a frame that the stream has taken. */
  frame(bytes: number): void {
    this.#frames += 1;
    this.#bytes += bytes;
  }

  /** Takes an acknowledgement. */
  ack(ack: FragmentAck): void {
    const { type, ...fields } = ack;
    this.#acks[type] += 1;
    this.#drops.flush();
    this.#json.write('ack', { ackType: type, ...fields });
    this.note(describeAck(ack, this.#options.context));
    // Whether the fragment is sent again or dropped, the stream decides.
    if (type === 'ERROR') this.#refusal = ack;
  }

  /** Takes the news that frames will not be delivered. */
  drop(drop: DroppedFrames): void {
    this.#dropped += drop.frames;
    this.#drops.add(drop);
    const { context } = this.#options;
    // After a refusal what is left of its fragment waits for a key frame, which is nothing new.
    if (drop.reason === 'rejected') {
      if (this.#refusal !== undefined) this.problem(explainRefusal(this.#refusal, context));
    } else if (drop.reason !== 'awaiting-key-frame' || this.#refusal === undefined) {
      this.problem(explainDrop(drop.reason, context));
    }
  }

  /** Takes an error. People are told the first, of which the others mostly follow; --json has them all. */
  problem(error: unknown): void {
    const known = error instanceof KinesisVideoError ? error : undefined;
    const message = error instanceof Error ? error.message : String(error);
    const kind = known?.code ?? message;
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#errors += 1;
    this.#drops.flush();
    this.#json.write('error', {
      code: known?.code ?? 'STATUS_INTERNAL_ERROR',
      message,
      retryable: known?.retryable ?? false,
      values: known?.values ?? {},
    });
    if (this.#errors === 1 || this.#options.verbose) this.#options.terminal.error(error);
  }

  /** Tells people who want to know everything. */
  note(sentence: string): void {
    if (this.#options.verbose) this.#options.terminal.line(sentence);
  }

  /** Sums up and returns the exit status. */
  finish({ metrics, result, interrupted }: UploadEnd): number {
    const undelivered = result?.undeliveredFrames ?? metrics?.view.frames ?? 0;
    const isComplete = this.#errors === 0 && this.#dropped === 0 && undelivered === 0;
    const exitStatus = interrupted ? INTERRUPTED_STATUS : isComplete && this.#frames > 0 ? 0 : 1;
    const summary = {
      streamName: this.#options.context.streamName,
      frames: this.#frames,
      fragments: metrics?.fragmentsPut ?? 0,
      bytes: this.#bytes,
      acks: lowerCased(this.#acks),
      persistedFragments: Math.min(metrics?.fragmentsDelivered ?? 0, this.#acks.PERSISTED),
      drops: this.#dropped,
      errors: this.#errors,
      undeliveredFrames: undelivered,
      ...(result?.undelivered && { undelivered: result.undelivered }),
      connections: metrics?.sessions ?? 0,
      durationMs: Math.round(performance.now() - this.#started),
      maxRss: process.resourceUsage().maxRSS * 1024,
      exitStatus,
    };
    this.#drops.flush();
    this.#json.write('summary', summary);
    if (this.#frames > 0) this.#tellEnd(summary);
    return exitStatus;
  }

  #tellEnd(summary: {
    fragments: number;
    persistedFragments: number;
    undeliveredFrames: number;
    undelivered?: StopResult['undelivered'];
    durationMs: number;
  }): void {
    const { context, terminal } = this.#options;
    const { fragments, persistedFragments, undeliveredFrames, undelivered, durationMs } = summary;
    const seconds = (durationMs / 1000).toFixed(1);
    const parts = [
      `${count(this.#frames, 'frame')} (${formatBytes(this.#bytes)}) in ${seconds} s`,
      `${persistedFragments} of ${count(fragments, 'fragment')} persisted`,
    ];
    if (this.#dropped > 0) parts.push(`${count(this.#dropped, 'frame')} dropped`);
    if (undeliveredFrames > 0) {
      const position = (time: number): string => formatPosition(context.positionOf(time));
      const range = undelivered
        ? ` from ${position(undelivered.firstPresentationTs)} to ${position(undelivered.lastPresentationTs)}`
        : '';
      parts.push(`${count(undeliveredFrames, 'frame')}${range} undelivered`);
    }
    terminal.line(`${context.streamName}: ${parts.join(', ')}`);
  }
}

function lowerCased(acks: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(acks).map(
    ([type, amount]) => [type.toLowerCase(), amount] as const,
  );
  return Object.fromEntries(entries);
}

function describeAck(ack: FragmentAck, { positionOfTimecode }: ExplainContext): string {
  const { type, fragmentNumber, fragmentTimecode, errorCode, errorId } = ack;
  const what = errorCode === undefined ? type : `${type} ${errorCode} (${errorId})`;
  if (fragmentTimecode === undefined) return what;
  return `${what.padEnd(9)} fragment at ${formatPosition(positionOfTimecode(fragmentTimecode))}  ${fragmentNumber}`;
}
