import { getMedia, type GetMediaStart } from '../../consumer/get-media.js';
import { KinesisVideoError } from '../../internal/errors.js';
import { MatroskaError } from '../../parser/index.js';
import type { Logger } from '../../logging/index.js';
import { Dialer } from '../../network/index.js';
import { ControlPlane, tellCall } from '../../service/index.js';
import { credentialsOf, resolveConnection, type Connection } from '../connection.js';
import { count, formatBytes } from '../format.js';
import { INTERRUPTED_STATUS, Interrupts } from '../interrupts.js';
import { JsonLines } from '../json-lines.js';
import { openLog } from '../log.js';
import { explainMissing } from '../missing-stream.js';
import { Terminal } from '../terminal.js';
import type { GetOptions } from './command.js';
import { isChangeOfTracks, MergeConverter, RawConverter, type SavedMedia } from './converters.js';
import { followMedia, type MediaSource } from './follow.js';
import { openOutput, ReaderGoneError } from './output.js';
import { saveMedia, type SaveOutcome } from './save.js';

const NOTHING: SavedMedia = { fragments: 0, bytes: 0 };

/** Saves the media of a stream to a path or, for `-`, the standard output. Returns the exit status. */
export async function get(path: string, options: GetOptions): Promise<number> {
  const interrupts = new Interrupts();
  const terminal = new Terminal();
  const json = new JsonLines(options.json);
  const started = performance.now();
  // A second interrupt need not wait for the service.
  interrupts.abort.addEventListener('abort', () => process.exit(INTERRUPTED_STATUS));
  json.write('start', { streamName: options.stream, start: options.start, output: path });

  const outcome = await read(path, options, terminal, json, interrupts.finish);
  interrupts.dispose();
  const { saved } = outcome;
  const problem = problemOf(outcome, options.stream, interrupts.finish.aborted);
  if (problem !== undefined) {
    const { code, message } = problem;
    json.write('error', { code, message, values: problem.values });
    terminal.error(problem);
  }
  const exitStatus = problem === undefined ? 0 : 1;
  const durationMs = Math.round(performance.now() - started);
  json.write('summary', { streamName: options.stream, ...saved, durationMs, exitStatus });
  if (saved.bytes > 0 && path !== '-') {
    terminal.line(`${path}: ${count(saved.fragments, 'fragment')}, ${formatBytes(saved.bytes)}`);
  }
  return exitStatus;
}

async function read(
  path: string,
  options: GetOptions,
  terminal: Terminal,
  json: JsonLines,
  signal: AbortSignal,
): Promise<SaveOutcome> {
  const log = openLog(options, terminal);
  const output = openOutput(path);
  const converter = options.raw ? new RawConverter() : new MergeConverter();
  let close: (() => void) | undefined;
  try {
    const connection = await resolveConnection(options);
    const source = options.follow
      ? followMedia(connection, options, { logger: log.logger, terminal, json, signal })
      : await openMedia(connection, options, log.logger, signal);
    close = source.close;
    return await saveMedia(source.media, converter, output, signal);
  } catch (error) {
    return { saved: NOTHING, failure: { error: explainMissing(error, options.stream) } };
  } finally {
    close?.();
    await output.close();
    await log.close();
  }
}

/** The answer to one call of GetMedia. */
async function openMedia(
  connection: Connection,
  options: GetOptions,
  logger: Logger,
  signal: AbortSignal,
): Promise<MediaSource> {
  const { region, endpoint, network } = connection;
  const credentials = credentialsOf(connection, options.stream);
  const dialer = new Dialer(network);
  const controlPlane = new ControlPlane({
    region,
    endpoint,
    credentials,
    dialer,
    onAttempt: (attempt) => {
      tellCall(logger, attempt);
    },
  });
  const close = (): void => {
    controlPlane.close();
  };
  try {
    const { stream: streamName, start } = options;
    const media = await getMedia({
      controlPlane,
      region,
      credentials,
      streamName,
      start: positionOf(start),
      dialer,
      signal,
    });
    return { media, close };
  } catch (error) {
    close();
    throw error;
  }
}

function positionOf(start: string): GetMediaStart {
  return start === 'earliest' || start === 'now' ? start : { afterFragment: start };
}

/** What to tell about the end; undefined when all is well. */
function problemOf(
  { saved, failure }: SaveOutcome,
  streamName: string,
  interrupted: boolean,
): KinesisVideoError | undefined {
  const error = failure?.error;
  if (error instanceof ReaderGoneError) return undefined;
  if (error instanceof KinesisVideoError) return error;
  if (isChangeOfTracks(error)) return changedTracks(error, saved);
  if (failure !== undefined && !interrupted) return broken(error, streamName, saved);
  if (saved.fragments > 0) return undefined;
  const advice =
    'check that something is sent to it, or read it from the beginning with --start earliest';
  return new KinesisVideoError(
    'STATUS_NOT_FOUND',
    `Stream "${streamName}" had no media to read: ${advice}.`,
    { values: { streamName }, advice },
  );
}

/** The error for media that do not fit into the file. */
function changedTracks({ message }: Error, { fragments }: SavedMedia): KinesisVideoError {
  const advice = 'read on from this fragment into another file';
  return new KinesisVideoError('STATUS_FORMAT_ERROR', message, { values: { fragments }, advice });
}

/** The error for media that end too early or are not what they should be. */
function broken(error: unknown, streamName: string, saved: SavedMedia): KinesisVideoError {
  const reason = error instanceof Error ? error.message : String(error);
  const isFormat = error instanceof MatroskaError;
  const what = isFormat ? 'are damaged or cut off' : 'broke off';
  const advice =
    saved.fragments > 0
      ? 'what was whole until then is saved; try again'
      : 'check the network and try again';
  return new KinesisVideoError(
    isFormat ? 'STATUS_FORMAT_ERROR' : 'STATUS_SERVICE_CALL_UNKNOWN_ERROR',
    `The media of stream "${streamName}" ${what} after ${count(saved.fragments, 'fragment')} (${reason}): ${advice}.`,
    { values: { streamName, ...saved }, advice, retryable: !isFormat, cause: error },
  );
}
