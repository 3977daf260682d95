import { KinesisVideoError } from '../../internal/errors.js';
import { openMedia, type MediaInput } from '../../ingest/index.js';
import type { LogDetails, Logger } from '../../logging/index.js';
import {
  KinesisVideoClient,
  NalAdaptationFlags,
  type KinesisVideoStream,
  type StopResult,
} from '../../producer/index.js';
import { resolveConnection, type Connection } from '../connection.js';
import { Interrupts } from '../interrupts.js';
import { both, openLog, type CommandLog } from '../log.js';
import { Terminal } from '../terminal.js';
import type { PutOptions } from './command.js';
import { explainSetup, type ExplainContext } from './explain.js';
import { MediaClock } from './media-clock.js';
import { PutReport } from './report.js';
import { upload } from './upload.js';

/** Milliseconds for a call to the control plane. */
const REQUEST_TIMEOUT = 10_000;

/** Uploads media from a path or, for `-`, the standard input. Returns the exit status. */
export async function put(source: string, options: PutOptions): Promise<number> {
  const run = new PutRun(source, options);
  try {
    return await run.execute();
  } finally {
    await run.release();
  }
}

/** One run of the command: what it has opened, and how that is closed again. */
class PutRun {
  readonly #source: string;
  readonly #options: PutOptions;
  readonly #interrupts = new Interrupts();
  readonly #reading = new AbortController();
  readonly #terminal = new Terminal();
  readonly #clock: MediaClock;
  readonly #context: ExplainContext;
  readonly #report: PutReport;
  readonly #log: CommandLog;
  #media: MediaInput | undefined;
  #client: KinesisVideoClient | undefined;
  #stream: KinesisVideoStream | undefined;
  #trouble: string | undefined;

  constructor(source: string, options: PutOptions) {
    const { stream, startTime, relative, storageSize, json, verbose, tracks } = options;
    this.#source = source;
    this.#options = options;
    this.#clock = new MediaClock(startTime === 'now' ? undefined : startTime);
    this.#context = {
      source: source === '-' ? 'the standard input' : `'${source}'`,
      streamName: stream,
      storageSize,
      positionOf: (time) => this.#clock.positionOf(time),
      positionOfTimecode: (timecode) => (relative ? timecode : this.#clock.positionOf(timecode)),
    };
    const terminal = this.#terminal;
    this.#log = openLog(options, terminal);
    this.#report = new PutReport({
      terminal,
      json,
      verbose,
      context: this.#context,
      path: source,
      allTracks: tracks === 'all',
    });
  }

  async execute(): Promise<number> {
    const { finish, abort } = this.#interrupts;
    const onFinish = (): void => {
      this.#reading.abort(finish.reason);
    };
    finish.addEventListener('abort', onFinish);
    try {
      await this.#open(this.#reading.signal);
    } catch (error) {
      if (error !== finish.reason) this.#report.problem(explainSetup(error, this.#context));
    }
    // From here on the upload decides where to stop.
    finish.removeEventListener('abort', onFinish);
    const result = this.#media && this.#stream && (await this.#upload(this.#media, this.#stream));
    return this.#report.finish({
      metrics: this.#stream?.metrics,
      result,
      interrupted: abort.aborted || (finish.aborted && this.#report.frames === 0),
    });
  }

  /** Closes everything; what is still to be sent is given up. */
  async release(): Promise<void> {
    this.#interrupts.dispose();
    this.#client?.destroy();
    await this.#media?.close();
    await this.#log.close();
  }

  /** Opens the media first: what is wrong with them needs no network to be found out. */
  async #open(signal: AbortSignal): Promise<void> {
    const { format, frameRate, tracks, realtime } = this.#options;
    this.#media = await openMedia(this.#source, { format, frameRate, tracks, signal });
    if (frameRate !== undefined && !this.#media.annexB) throw this.#hasTimes(this.#media);
    const connection = await resolveConnection(this.#options);
    if (connection.usesLocalKeys) {
      this.#report.note('The endpoint is on this machine: using the key pair local / local');
    }
    this.#report.start(this.#media, connection, realtime ? 'realtime' : 'as-fast-as-possible');
    this.#stream = await this.#createStream(this.#media, connection, signal);
  }

  #hasTimes({ format }: MediaInput): KinesisVideoError {
    const advice = 'leave --frame-rate out, which is for raw H.264 and H.265';
    const problem = `${this.#context.source} is ${format} and has times of its own: ${advice}.`;
    return new KinesisVideoError('STATUS_INVALID_ARG', problem, { advice });
  }

  async #createStream(
    media: MediaInput,
    { region, endpoint, credentials, network }: Connection,
    signal: AbortSignal,
  ): Promise<KinesisVideoStream> {
    const {
      stream,
      noCreate,
      minimalPermissions,
      retention,
      tag,
      realtime,
      fragmentDuration,
      relative,
      storageSize,
      stallTimeout,
      replayDuration,
      maxLatency,
      idleTimeout,
    } = this.#options;
    const { ANNEXB_NALS, ANNEXB_CPD_NALS, NONE } = NalAdaptationFlags;
    const patience = Math.min(REQUEST_TIMEOUT, stallTimeout * 1000);
    this.#client = new KinesisVideoClient({
      region,
      endpoint,
      credentials,
      ...network,
      minimalPermissions,
      storageSize,
      spillDirectory: this.#options.spillDir,
      spillSize: this.#options.spillSize,
      requestTimeout: patience,
      logger: both(this.#log.logger, this.#logger()),
    });
    const created = await this.#client.createStream(
      {
        streamName: stream,
        allowStreamCreation: minimalPermissions ? undefined : !noCreate,
        retentionPeriod: retention,
        tags: Object.fromEntries(tag),
        contentType: media.contentType,
        tracks: media.tracks,
        streamingType: realtime ? 'realtime' : 'offline',
        // Media of key frames only would make more fragments a second than the service takes.
        keyFrameFragmentation: false,
        fragmentDuration,
        absoluteFragmentTimes: !relative,
        // What is read comes in order.
        frameOrder: 'pass-through',
        timestampPolicy: this.#options.timestamps,
        maxLatency,
        idleTimeout: idleTimeout === undefined ? undefined : idleTimeout * 1000,
        replayDuration,
        nalAdaptationFlags: media.annexB ? ANNEXB_NALS | ANNEXB_CPD_NALS : NONE,
      },
      { signal, timeout: patience },
    );
    for (const [name, text] of this.#options.metadata) {
      created.putFragmentMetadata(name, text, { persistent: true });
    }
    return created;
  }

  #upload(media: MediaInput, stream: KinesisVideoStream): Promise<StopResult | undefined> {
    const { realtime, verbose, stallTimeout, stopTimeout } = this.#options;
    return upload({
      media,
      stream,
      clock: this.#clock,
      report: this.#report,
      context: this.#context,
      interrupts: this.#interrupts,
      reading: this.#reading,
      terminal: this.#terminal,
      realtime,
      verbose,
      stallTimeout: stallTimeout * 1000,
      stopTimeout: stopTimeout * 1000,
      lastTrouble: () => this.#trouble,
    });
  }

  #logger(): Logger {
    // What has no code is told by the report in its own way.
    const note = ({ code }: LogDetails, message: string): void => {
      if (code !== undefined) this.#report.note(message);
    };
    const trouble = (details: LogDetails, message: string): void => {
      if (details['code'] !== undefined) this.#trouble = message;
      note(details, message);
    };
    return { info: note, warn: trouble, error: trouble };
  }
}
