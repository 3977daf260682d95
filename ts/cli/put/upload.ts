import { KinesisVideoError } from '../../internal/errors.js';
import { mergeSignals } from '../../internal/signal.js';
import type { MediaInput, MediaPacket } from '../../ingest/index.js';
import type { KinesisVideoStream, StopResult } from '../../producer/index.js';
import type { Interrupts } from '../interrupts.js';
import { explainMissing } from '../missing-stream.js';
import type { Terminal } from '../terminal.js';
import { CutPoint } from './cut-point.js';
import { explainBackwards, explainPut, type ExplainContext } from './explain.js';
import { Pacer, type MediaClock } from './media-clock.js';
import { Progress } from './progress.js';
import type { PutReport } from './report.js';
import { StallWatch } from './stall-watch.js';

/** Everything an upload works with. */
export interface UploadJob {
  readonly media: MediaInput;
  readonly stream: KinesisVideoStream;
  readonly clock: MediaClock;
  readonly report: PutReport;
  readonly context: ExplainContext;
  readonly interrupts: Interrupts;
  /** Ends the reading of the media. */
  readonly reading: AbortController;
  readonly terminal: Terminal;
  readonly realtime: boolean;
  readonly verbose: boolean;
  /** Milliseconds. */
  readonly stallTimeout: number;
  /** Milliseconds. */
  readonly stopTimeout: number;
  readonly lastTrouble: () => string | undefined;
}

/**
 * Sends the media to their end or the first interrupt, then waits until the service has stored what
 * was sent. Whatever goes wrong is told to the report; the promise never rejects.
 *
 * @returns what has become of the frames; undefined when the stream has failed
 */
export async function upload(job: UploadJob): Promise<StopResult | undefined> {
  const { media, stream, interrupts, stallTimeout, lastTrouble } = job;
  const failed = new AbortController();
  const cancel = mergeSignals(interrupts.abort, failed.signal);
  const onFailure = (error: unknown): void => {
    failed.abort(error);
  };
  const metrics = () => stream.metrics;
  const watch = new StallWatch({ timeout: stallTimeout, metrics, lastTrouble, onStall: onFailure });
  listen(job, watch, onFailure);
  // Closing ends the wait for the next packet.
  cancel.signal.addEventListener('abort', () => void media.close(), { once: true });
  const progress = showProgress(job);
  try {
    await putPackets(job, cancel.signal).catch((error: unknown) => {
      tell(job, error);
    });
    watch.end();
    return await settle(job, cancel.signal);
  } finally {
    watch.stop();
    progress.stop();
    cancel.release();
  }
}

function listen(
  { stream, report, terminal }: UploadJob,
  watch: StallWatch,
  onFailure: (error: unknown) => void,
): void {
  stream.on('fragmentAck', (ack) => {
    watch.onAck(ack);
    report.ack(ack);
  });
  stream.on('droppedFrame', (drop) => {
    report.drop(drop);
  });
  stream.on('error', onFailure);
  stream.on('latencyPressure', ({ duration }) => {
    terminal.line(`kvs: ${Math.round(duration)} ms of media are still to be sent`);
  });
  stream.on('connectionStale', ({ duration }) => {
    report.note(`The service has owed an acknowledgement for ${Math.round(duration)} ms`);
  });
  stream.on('track', ({ trackId, present }) => {
    report.note(`Track ${trackId} ${present ? 'has frames again' : 'has no frames for now'}`);
  });
}

/** Gives an error to the report, unless it is the end that the user asked for. */
function tell({ interrupts, report, stream }: UploadJob, error: unknown): void {
  const isAsked = error === interrupts.finish.reason || error === interrupts.abort.reason;
  if (!isAsked) report.problem(explainMissing(error, stream.streamName));
}

/** Reads and puts packets until they end or the upload is to be cut short. */
async function putPackets(job: UploadJob, cancelled: AbortSignal): Promise<void> {
  const { media, interrupts, reading, realtime } = job;
  const cut = new CutPoint(media.tracks);
  const release = cut.onRequest(interrupts.finish, () => {
    reading.abort(interrupts.finish.reason);
  });
  const { signal, release: unmerge } = mergeSignals(reading.signal, cancelled);
  const pacer = new Pacer();
  try {
    for await (const packet of media.packets()) {
      if (interrupts.finish.aborted && cut.isHere) return;
      if (realtime) await pacer.wait(packet.decodingTs, signal);
      await putPacket(job, packet, signal);
      cut.add(packet);
      signal.throwIfAborted();
    }
  } finally {
    release();
    unmerge();
    await media.close();
  }
}

async function putPacket(
  { stream, clock, realtime, context, report }: UploadJob,
  packet: MediaPacket,
  signal: AbortSignal,
): Promise<void> {
  const frame = clock.place(packet);
  const backwards = explainBackwards(frame, context);
  if (backwards !== undefined) throw backwards;
  try {
    if (realtime) stream.putFrame(frame);
    else await stream.put(frame, { signal });
  } catch (error) {
    throw explainPut(error, frame, context);
  }
  report.frame(packet.data.byteLength);
}

/** Waits until all is stored, unless the upload was cancelled, and says what has become of it. */
async function settle(job: UploadJob, cancelled: AbortSignal): Promise<StopResult | undefined> {
  const { stream, report, stopTimeout } = job;
  try {
    const result = await stream.stop({ signal: cancelled, timeout: stopTimeout });
    if (!result.complete) report.problem(notDelivered(stopTimeout));
    return result;
  } catch (error) {
    tell(job, error);
    stream.destroy();
    return stream.stop().catch(() => undefined);
  }
}

function notDelivered(stopTimeout: number): KinesisVideoError {
  const advice = 'check the network, or allow more time with --stop-timeout';
  return new KinesisVideoError(
    'STATUS_OPERATION_TIMED_OUT',
    `Not all fragments were confirmed within ${stopTimeout / 1000} s after the last frame: ${advice}.`,
    { values: { stopTimeout }, advice },
  );
}

function showProgress({ media, stream, clock, terminal, verbose, report, context }: UploadJob) {
  return new Progress(terminal, verbose, () => {
    const metrics = stream.metrics;
    return {
      streamName: context.streamName,
      position: clock.latest,
      duration: media.duration,
      fragments: metrics.fragmentsPut,
      persistedFragments: report.persistedFragments,
      bytesSent: metrics.bytesSent,
      bufferedBytes: metrics.view.bytes,
    };
  });
}
