/** The Tags elements that the service puts around the Cluster of every fragment it hands out. */
import { ElementId } from '../../parser/index.js';
import type { FragmentEntry } from '../fragments/entry.js';
import { SEGMENT_HEADER } from './stream-header.js';

/** What the tags tell about a fragment. */
type TaggedFragment = Pick<FragmentEntry, 'number' | 'serverTimestamp' | 'producerTimestamp'>;

/** Errors that tags can report, by the text that goes with the number. */
const MEDIA_ERROR_ID = { STREAM_WRITE_ERROR: 3002, FRAGMENT_NOT_FOUND: 4000 } as const;

/** The header of a Matroska document of version 2. */
const EBML_HEADER = Buffer.from(
  '1a45dfa3a3' +
    '42868101' +
    '42f78101' +
    '42f28104' +
    '42f38108' +
    '4282886d6174726f736b61' +
    '42878102' +
    '42858102',
  'hex',
);

/** Tags ahead of the Cluster: which fragment it is and when it was made. */
export function fragmentTags(entry: TaggedFragment): Buffer {
  return tags({
    AWS_KINESISVIDEO_FRAGMENT_NUMBER: entry.number,
    AWS_KINESISVIDEO_SERVER_TIMESTAMP: seconds(entry.serverTimestamp),
    AWS_KINESISVIDEO_PRODUCER_TIMESTAMP: seconds(entry.producerTimestamp),
  });
}

/** Tags behind the Cluster: how far the reader is behind at `now`, and where it can go on. */
export function continuationTags(entry: TaggedFragment, now: number): Buffer {
  return tags({
    AWS_KINESISVIDEO_MILLIS_BEHIND_NOW: String(
      Math.max(0, Math.trunc(now - entry.serverTimestamp)),
    ),
    AWS_KINESISVIDEO_CONTINUATION_TOKEN: entry.number,
  });
}

/** Tags in the place of those behind the Cluster: the fragment ends here, and so does the response. */
export function errorTags(code: keyof typeof MEDIA_ERROR_ID): Buffer {
  return tags({
    AWS_KINESISVIDEO_ERROR_CODE: code,
    AWS_KINESISVIDEO_ERROR_ID: String(MEDIA_ERROR_ID[code]),
  });
}

/**
 * Tags ahead of the Cluster in the answer of GetMediaForFragmentList. Its documents call the times by
 * other names than clients read them by, so that both are there.
 */
export function archivedFragmentTags(entry: TaggedFragment): Buffer {
  const [server, producer] = [seconds(entry.serverTimestamp), seconds(entry.producerTimestamp)];
  return tags({
    AWS_KINESISVIDEO_FRAGMENT_NUMBER: entry.number,
    AWS_KINESISVIDEO_SERVER_TIMESTAMP: server,
    AWS_KINESISVIDEO_PRODUCER_TIMESTAMP: producer,
    AWS_KINESISVIDEO_SERVER_SIDE_TIMESTAMP: server,
    AWS_KINESISVIDEO_PRODUCER_SIDE_TIMESTAMP: producer,
  });
}

/** What stands in the answer of GetMediaForFragmentList for a fragment that cannot be sent. */
export function exceptionChunk(number: string, code: keyof typeof MEDIA_ERROR_ID): Buffer {
  return Buffer.concat([
    EBML_HEADER,
    SEGMENT_HEADER,
    tags({
      AWS_KINESISVIDEO_FRAGMENT_NUMBER: number,
      AWS_KINESISVIDEO_EXCEPTION_ERROR_CODE: String(MEDIA_ERROR_ID[code]),
      AWS_KINESISVIDEO_EXCEPTION_MESSAGE: code,
    }),
  ]);
}

/** Epoch seconds with three decimals. */
function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

/** One Tag about everything, with a SimpleTag for each row. */
function tags(rows: Readonly<Record<string, string>>): Buffer {
  const simpleTags = Object.entries(rows).map(([name, value]) =>
    element(
      ElementId.SimpleTag,
      element(ElementId.TagName, Buffer.from(name)),
      element(ElementId.TagString, Buffer.from(value)),
    ),
  );
  return element(ElementId.Tags, element(ElementId.Tag, ...simpleTags));
}

/** An element whose size is written with 4 bytes, as the service does. */
function element(id: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const size = Buffer.alloc(4);
  size.writeUInt32BE((0x1000_0000 | body.length) >>> 0);
  return Buffer.concat([Buffer.from(id.toString(16), 'hex'), size, body]);
}
