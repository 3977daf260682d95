import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { KinesisVideoError } from '../../internal/errors.js';
import { EbmlReader, MatroskaError, visit, type MatroskaSink } from '../../parser/index.js';
import { count, formatBytes } from '../format.js';
import { INTERRUPTED_STATUS, Interrupts } from '../interrupts.js';
import { JsonLines } from '../json-lines.js';
import { Terminal } from '../terminal.js';
import { ElementListing } from './element-listing.js';
import { FragmentListing } from './fragment-listing.js';
import { LineWriter } from './line-writer.js';

/** What `kvs inspect` was asked for. */
export interface InspectOptions {
  readonly fragments: boolean;
  readonly json: boolean;
}

/** Lists what a file or, for `-`, the standard input holds. Returns the exit status. */
export async function inspect(path: string, options: InspectOptions): Promise<number> {
  const terminal = new Terminal();
  const interrupts = new Interrupts();
  const signal = interrupts.finish;
  const lines = new LineWriter(options.json);
  const fragments = new FragmentListing(lines, options.fragments);
  const visitor = options.fragments ? fragments.sink : listAll(lines, fragments.sink);
  let problem: KinesisVideoError | undefined;
  try {
    await visit(paced(open(path), lines), visitor, { signal });
  } catch (error) {
    if (signal.aborted) return INTERRUPTED_STATUS;
    problem = explain(error, path);
  } finally {
    interrupts.dispose();
  }
  await lines.drain();
  if (lines.isDeserted && problem === undefined) return 0;
  const json = new JsonLines(options.json);
  if (problem !== undefined) {
    const { code, message, values } = problem;
    json.write('error', { code, message, values });
    terminal.error(problem);
  }
  const { summary } = fragments;
  const exitStatus = problem === undefined ? 0 : 1;
  json.write('summary', { ...summary, exitStatus });
  if (!options.json) {
    const { fragments: amount, frames, bytes } = summary;
    const what = [count(amount, 'fragment'), count(frames, 'frame'), formatBytes(bytes)];
    terminal.line(what.join(', '));
  }
  return exitStatus;
}

/** Lists elements and, among them, fragments. */
function listAll(lines: LineWriter, fragments: MatroskaSink): MatroskaSink {
  const reader = new EbmlReader(new ElementListing(lines, fragments));
  return {
    push: (chunk) => {
      reader.push(chunk);
    },
    end: () => {
      reader.end();
      fragments.end();
    },
  };
}

function open(path: string): Readable {
  return path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 256 * 1024 });
}

/** Reads no faster than what is printed is taken; ends when nobody reads it any more. */
async function* paced(
  source: AsyncIterable<Uint8Array>,
  lines: LineWriter,
): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of source) {
    yield chunk;
    await lines.drain();
    if (lines.isDeserted) process.exit(0);
  }
}

function explain(error: unknown, path: string): KinesisVideoError {
  const name = path === '-' ? 'the standard input' : path;
  if (error instanceof MatroskaError) {
    const isCut = error.code === 'TRUNCATED';
    const what = isCut ? 'is cut off' : 'is not sound Matroska';
    const advice = 'what comes before that place is listed';
    return new KinesisVideoError(
      'STATUS_FORMAT_ERROR',
      `${name} ${what}: ${error.message}; ${advice}.`,
      { values: { source: name, reason: error.code, offset: error.offset }, advice, cause: error },
    );
  }
  const { message, code: reason } = error as NodeJS.ErrnoException;
  if (reason === undefined) throw error;
  const advice = 'check the path and its permissions';
  return new KinesisVideoError(
    'STATUS_OPEN_FILE_FAILED',
    `${name} cannot be read (${message}): ${advice}.`,
    { values: { source: name, reason }, advice, cause: error },
  );
}
