import {
  FragmentParser,
  type FragmentEnd,
  type FragmentHeader,
  type MatroskaSink,
} from '../../parser/index.js';
import { count, formatBytes, formatTime } from '../format.js';
import type { LineWriter } from './line-writer.js';

/** What an input holds, so far. */
export interface InspectSummary {
  fragments: number;
  frames: number;
  bytes: number;
}

/** Lists each fragment when it is over, with what the service and the producer say about it. */
export class FragmentListing {
  readonly sink: MatroskaSink;
  readonly summary: InspectSummary = { fragments: 0, frames: 0, bytes: 0 };
  readonly #lines: LineWriter;
  readonly #isAlone: boolean;
  #fragment: FragmentHeader | undefined;

  /** @param isAlone - whether nothing else is listed, so that clusters without number are, too */
  constructor(lines: LineWriter, isAlone: boolean) {
    this.#lines = lines;
    this.#isAlone = isAlone;
    const parser = new FragmentParser({
      fragment: (header) => {
        this.#fragment = header;
        this.summary.fragments += 1;
      },
      frame: () => {
        this.summary.frames += 1;
      },
      end: (end) => {
        this.#end(end);
      },
      error: (error) => {
        const { fragmentNumber, id, message } = error;
        const which = fragmentNumber === undefined ? '' : ` of fragment ${fragmentNumber}`;
        lines.add(`Error${which}: ${id ?? ''} ${message}`, 'serviceError', error);
      },
    });
    this.sink = {
      push: (chunk) => {
        this.summary.bytes += chunk.length;
        parser.push(chunk);
      },
      end: () => {
        parser.end();
      },
    };
  }

  #end(end: FragmentEnd): void {
    const header = this.#fragment;
    if (header === undefined) return;
    const { fragmentNumber, producerTimestamp, serverTimestamp } = header;
    if (fragmentNumber === undefined && !this.#isAlone) return;
    const { frames, bytes, duration, millisBehindNow, continuationToken, tags, events } = end;
    const facts = [
      `Fragment ${fragmentNumber ?? this.summary.fragments}`,
      ...timeOf('producer', producerTimestamp),
      ...timeOf('server', serverTimestamp),
      ...(duration === undefined ? [] : [`${Math.round(duration)} ms`]),
      count(frames, 'frame'),
      formatBytes(bytes),
      ...(millisBehindNow === undefined ? [] : [`${millisBehindNow} ms behind`]),
      ...tags.map(({ name, value }) => `${name}=${value}`),
      ...events.map(({ type, metadata }) => `${type} ${JSON.stringify(metadata)}`),
    ];
    this.#lines.add(facts.join(', '), 'fragment', {
      fragmentNumber,
      producerTimestamp,
      serverTimestamp,
      duration,
      frames,
      bytes,
      millisBehindNow,
      continuationToken,
      tags,
      events,
    });
  }
}

function timeOf(whose: string, milliseconds: number | undefined): string[] {
  if (milliseconds === undefined) return [];
  return [`${whose} ${formatTime(milliseconds)}`];
}
