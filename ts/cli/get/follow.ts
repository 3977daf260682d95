import { Readable } from 'node:stream';
import type { KinesisVideoConsumer, MediaGap, MediaStart } from '../../consumer/index.js';
import type { Logger } from '../../logging/index.js';
import type { Connection } from '../connection.js';
import { makeConsumer } from '../consume/with-consumer.js';
import type { JsonLines } from '../json-lines.js';
import type { Terminal } from '../terminal.js';
import type { GetOptions } from './command.js';

/** Where media come from. */
export interface MediaSource {
  readonly media: Readable;
  /** Closes what the media came through. */
  readonly close: () => void;
}

/** Whom the reading tells what goes on. */
export interface FollowParts {
  readonly logger: Logger;
  readonly terminal: Terminal;
  readonly json: JsonLines;
  readonly signal: AbortSignal;
}

/** Reads a stream without end, whole fragments only. */
export function followMedia(
  connection: Connection,
  options: GetOptions,
  parts: FollowParts,
): MediaSource {
  const consumer = makeConsumer(connection, parts.logger);
  return {
    media: Readable.from(wholeFragments(consumer, options, parts), { highWaterMark: 1 }),
    close: () => {
      consumer.close();
    },
  };
}

async function* wholeFragments(
  consumer: KinesisVideoConsumer,
  { stream: streamName, start }: GetOptions,
  { terminal, json, signal }: FollowParts,
): AsyncGenerator<Uint8Array, void> {
  for await (const fragment of consumer.getMedia({ streamName, start: startOf(start), signal })) {
    const { gapBefore } = fragment;
    if (gapBefore !== undefined) {
      json.write('gap', gapBefore);
      terminal.line(sentenceOf(gapBefore));
    }
    const data = await fragment.data();
    // What is missing of a fragment that was cut is told as the gap ahead of the next one.
    if (fragment.state === 'whole') yield data;
  }
}

function startOf(start: string): MediaStart {
  return start === 'earliest' || start === 'now' ? start : { afterFragment: start };
}

function sentenceOf({ reason, from, to, duration }: MediaGap): string {
  const length = duration === undefined ? '' : ` of ${Math.round(duration)} ms`;
  const causes = {
    cut: 'a fragment was cut off',
    unavailable: 'the service did not have what comes between',
    recreated: 'the stream was deleted and made anew',
    time: 'nothing was sent in between',
  };
  return `gap${length} from fragment ${from.fragmentNumber} to ${to.fragmentNumber}: ${causes[reason]}`;
}
