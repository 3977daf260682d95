/** Fragments as the service sends them, of a stream that begins at START. */
import { cluster, liveHeader, simpleBlock, tags } from '../../parser/support/mkv.js';

/** When the first fragment begins, in seconds since the epoch. */
export const START = 1_700_000_000;

/** What may differ from a plain fragment. */
export interface ChunkOptions {
  /** When it begins, in seconds since START; as much as its index unless given. */
  readonly time?: number;
  /** The Cluster. */
  readonly body?: Buffer;
  /** Whether the tags behind the Cluster are there. */
  readonly isEnded?: boolean;
}

/** The number of fragment `index`. */
export function numberOf(index: number): string {
  return String(100 + index);
}

/** Fragment `index`: a second long, of two frames. */
export function chunk(
  index: number,
  { time: seconds = index, body, isEnded = true }: ChunkOptions = {},
): Buffer {
  const time = `${START + seconds}.000`;
  const head = {
    AWS_KINESISVIDEO_FRAGMENT_NUMBER: numberOf(index),
    AWS_KINESISVIDEO_SERVER_TIMESTAMP: time,
    AWS_KINESISVIDEO_PRODUCER_TIMESTAMP: time,
  };
  const tail = {
    AWS_KINESISVIDEO_MILLIS_BEHIND_NOW: '0',
    AWS_KINESISVIDEO_CONTINUATION_TOKEN: numberOf(index),
  };
  const media = body ?? cluster(seconds * 1000, simpleBlock(1, 0), simpleBlock(1, 500));
  return Buffer.concat([liveHeader(), tags(head), media, ...(isEnded ? [tags(tail)] : [])]);
}
