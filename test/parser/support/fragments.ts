/** Fragments as GetMedia sends them, and what a reader makes of them. */
import { createHash } from 'node:crypto';
import {
  readFragments,
  type ByteSource,
  type ReadFragmentsOptions,
} from '../../../ts/parser/index.js';
import {
  audioTrack,
  blockGroup,
  cluster,
  el,
  liveHeader,
  sizedCluster,
  simpleBlock,
  tags,
  videoTrack,
} from './mkv.js';

/** Start of the first fragment, in seconds. */
export const START = 1_700_000_000;

/** A fragment in all its variety: two tracks, padding, block groups, tags on either side. */
export function getMediaChunk(index: number, isSized = false): Buffer {
  const time = `${START + index}.250`;
  const blocks = [
    simpleBlock(1, 0, Buffer.alloc(300, index)),
    el('ec', Buffer.alloc(40)),
    blockGroup(2, 10, Buffer.alloc(30, 0x40 + index), 20),
    simpleBlock(1, 500, Buffer.alloc(200, 0x80 + index)),
  ];
  return Buffer.concat([
    liveHeader(videoTrack(1, Buffer.from('0142c01e', 'hex')), audioTrack()),
    tags({ room: 'kitchen' }),
    tags({
      AWS_KINESISVIDEO_FRAGMENT_NUMBER: String(91_343_852_333_181_432n + BigInt(index)),
      AWS_KINESISVIDEO_SERVER_TIMESTAMP: time,
      AWS_KINESISVIDEO_PRODUCER_TIMESTAMP: time,
    }),
    (isSized ? sizedCluster : cluster)(index * 1000, ...blocks),
    tags({ late: `tag ${index}` }),
    tags({
      AWS_KINESISVIDEO_MILLIS_BEHIND_NOW: '17',
      AWS_KINESISVIDEO_CONTINUATION_TOKEN: `token-${index}`,
    }),
  ]);
}

/** Everything that can be seen of the fragments of a source, as plain text. */
export async function describeFragments(
  source: ByteSource,
  options?: ReadFragmentsOptions,
): Promise<string[]> {
  const lines: string[] = [];
  for await (const fragment of readFragments(source, options)) {
    const { fragmentNumber, producerTimestamp, serverTimestamp, tracks } = fragment;
    const codecs = tracks.map(({ codecId }) => codecId).join('+');
    lines.push(`fragment ${fragmentNumber} ${producerTimestamp} ${serverTimestamp} ${codecs}`);
    for await (const frame of fragment.frames()) {
      const { trackNumber, timestamp, keyFrame, duration, data } = frame;
      const hash = createHash('md5').update(data).digest('hex').slice(0, 8);
      const time = `${timestamp} ${frame.producerTimestamp}`;
      lines.push(`frame ${trackNumber} ${time} ${keyFrame} ${duration} ${data.length} ${hash}`);
    }
    lines.push(`${fragment.state} ${JSON.stringify(fragment.end)}`);
  }
  return lines;
}
