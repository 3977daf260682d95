import type { Readable } from 'node:stream';
import type { DataPlane } from '../data-plane.js';
import type { Span } from './list-fragments.js';

/** Part of a stream as an MP4 file. */
export interface MediaClip {
  /** Such as `video/mp4`. */
  readonly contentType: string;
  /** The file, to be read or destroyed. */
  readonly body: Readable;
}

/** Asks the service for a clip. */
export async function getClip(data: DataPlane, span: Span): Promise<MediaClip> {
  const { streamName, signal, by, from, to } = span;
  const call = { api: 'GET_CLIP' as const, operation: 'GetClip', streamName, signal };
  const input = {
    StreamName: streamName,
    ClipFragmentSelector: {
      FragmentSelectorType: by,
      TimestampRange: { StartTimestamp: new Date(from), EndTimestamp: new Date(to) },
    },
  };
  const answer = await data.archived(call, (sdk, client, send) =>
    client.send(new sdk.GetClipCommand(input), send),
  );
  if (answer.Payload === undefined) throw data.malformed(call, 'payload');
  return {
    contentType: answer.ContentType ?? 'video/mp4',
    body: answer.Payload as Readable,
  };
}
