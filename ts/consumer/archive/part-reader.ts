import type { Readable } from 'node:stream';
import { backoffDelay } from '../../internal/backoff.js';
import { KinesisVideoError } from '../../internal/errors.js';
import { delay, mergeSignals } from '../../internal/signal.js';
import type { Logger } from '../../logging/index.js';
import { FragmentParser, MatroskaError, type FragmentError } from '../../parser/index.js';
import type { DataPlane } from '../data-plane.js';
import { isPassing, MediaConnection } from '../live/media-connection.js';
import { ArchivedFragment, type FragmentParts } from './archived-fragment.js';
import type { FragmentInfo, Span } from './list-fragments.js';

/** A fragment that is listed and that the service does not give. */
export interface MissingFragment {
  /** What the service lists about it. */
  readonly info: FragmentInfo;
  /** What the service says; undefined when it just leaves the fragment out. */
  readonly error: FragmentError | undefined;
}

/** What became of the fragments of a part, in their order. */
export type PartResult = readonly (ArchivedFragment | MissingFragment)[];

const MAX_ATTEMPTS = 5;
/** Milliseconds without a byte after which a connection is given up. */
const MAX_SILENCE = 30_000;

/** What a part is read with. */
export interface PartOptions {
  readonly data: DataPlane;
  readonly span: Span;
  readonly logger: Logger;
}

/**
 * Reads fragments by their numbers. What a connection that is cut off has not brought is asked for
 * again, five times in all; rejects with the last failure then.
 */
export async function readPart(
  infos: readonly FragmentInfo[],
  options: PartOptions,
  signal: AbortSignal,
): Promise<PartResult> {
  const part = new Part(infos);
  const stop = mergeSignals(options.span.signal, signal);
  try {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await part.read(options, stop.signal);
        if (part.isComplete || attempt > 0) return part.result;
      } catch (error) {
        stop.signal.throwIfAborted();
        if (!isPassing(error) || attempt + 1 >= MAX_ATTEMPTS) throw told(error, options.span);
        const message = error instanceof Error ? error.message : String(error);
        const { streamName } = options.span;
        options.logger.warn?.(
          { streamName, attempt },
          `Fragments of stream "${streamName}" are asked for again: ${message}`,
        );
        await delay(backoffDelay(attempt), stop.signal);
      }
    }
  } finally {
    stop.release();
  }
}

/** The fragments of one part, as far as they have come. */
class Part {
  readonly #infos: readonly FragmentInfo[];
  readonly #read = new Map<string, ArchivedFragment>();
  readonly #refused = new Map<string, FragmentError>();

  constructor(infos: readonly FragmentInfo[]) {
    this.#infos = infos;
  }

  /** Whether nothing is open: each has come, or was refused. */
  get isComplete(): boolean {
    return this.#open.length === 0;
  }

  get result(): PartResult {
    return this.#infos.map((info) => {
      const { fragmentNumber } = info;
      return this.#read.get(fragmentNumber) ?? { info, error: this.#refused.get(fragmentNumber) };
    });
  }

  /** Asks for what is open. */
  async read({ data, span }: PartOptions, signal: AbortSignal): Promise<void> {
    const open = this.#open;
    if (open.length === 0) return;
    const call = {
      api: 'GET_MEDIA_FOR_FRAGMENT_LIST' as const,
      operation: 'GetMediaForFragmentList',
      streamName: span.streamName,
      signal,
    };
    const input = {
      StreamName: span.streamName,
      Fragments: open.map(({ fragmentNumber }) => fragmentNumber),
    };
    const { Payload: payload } = await data.archived(call, (sdk, client, send) =>
      client.send(new sdk.GetMediaForFragmentListCommand(input), send),
    );
    if (payload === undefined) throw data.malformed(call, 'payload');
    const connection = new MediaConnection(payload as Readable, MAX_SILENCE, signal);
    try {
      await this.#take(connection);
    } finally {
      connection.close();
    }
  }

  get #open(): FragmentInfo[] {
    return this.#infos.filter(({ fragmentNumber: number }) => {
      return !this.#read.has(number) && !this.#refused.has(number);
    });
  }

  async #take(connection: MediaConnection): Promise<void> {
    let current: FragmentParts | undefined;
    const parser = new FragmentParser({
      fragment: (header) => {
        current = { header, frames: [], pieces: [] };
      },
      frame: (frame) => current?.frames.push(frame),
      bytes: (piece) => current?.pieces.push(piece),
      end: (end) => {
        const number = current?.header.fragmentNumber;
        const info = this.#infos.find(({ fragmentNumber }) => fragmentNumber === number);
        // Of what was not asked for nobody waits.
        if (current === undefined || info === undefined) return;
        this.#read.set(info.fragmentNumber, new ArchivedFragment(info, current, end));
      },
      error: (error) => {
        if (error.fragmentNumber === undefined) throw failed(error);
        this.#refused.set(error.fragmentNumber, error);
      },
    });
    for (;;) {
      const chunk = await connection.read();
      if (chunk === undefined) break;
      parser.push(chunk);
    }
    parser.end();
  }
}

function failed({ id, message }: FragmentError): MatroskaError {
  return new MatroskaError('SERVICE_ERROR', `The service tells error ${id ?? ''} ${message}`);
}

/** The error for a part that does not come. */
function told(error: unknown, { streamName }: Span): KinesisVideoError {
  if (error instanceof KinesisVideoError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const advice = 'try again; if it persists, choose a range without these fragments';
  return new KinesisVideoError(
    error instanceof MatroskaError ? 'STATUS_FORMAT_ERROR' : 'STATUS_SERVICE_CALL_UNKNOWN_ERROR',
    `Fragments of stream "${streamName}" could not be read in ${MAX_ATTEMPTS} attempts (${reason}): ${advice}.`,
    { values: { streamName }, advice, retryable: true, cause: error },
  );
}
