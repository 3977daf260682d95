/** The tags of a stream, which two families of operations read and change. */
import { invalidArgument, ServiceException } from '../exceptions.js';
import type { Input } from '../input.js';
import type { LocalStream } from '../streams/stream.js';
import { findStream, MAX_TAGS_PER_CALL, NEXT_TOKEN, STREAM_ARN, TAG_KEY } from './members.js';
import type { StreamRegistry } from '../streams/registry.js';

const MAX_TAGS_PER_STREAM = 50;

/** Adds tags and replaces those of the same key. Throws TagsPerResourceExceededLimitException. */
export async function addTags(stream: LocalStream, added: Record<string, string>): Promise<void> {
  const tags = { ...stream.record.tags, ...added };
  const count = Object.keys(tags).length;
  if (count > MAX_TAGS_PER_STREAM) {
    throw new ServiceException(
      'TagsPerResourceExceededLimitException',
      `The stream would have ${count} tags; at most ${MAX_TAGS_PER_STREAM} are allowed`,
    );
  }
  await stream.save((record) => {
    record.tags = tags;
  });
}

/** Takes tags away; keys that the stream does not have are no error. */
export async function removeTags(stream: LocalStream, keys: readonly string[]): Promise<void> {
  const removed = new Set(keys);
  await stream.save((record) => {
    const kept = Object.entries(record.tags).filter(([key]) => !removed.has(key));
    record.tags = Object.fromEntries(kept);
  });
}

/** The keys in `TagKeyList`. */
export function tagKeysOf(input: Input): readonly string[] {
  const list = input.textList('TagKeyList', { item: TAG_KEY, min: 1, max: MAX_TAGS_PER_CALL });
  return input.required('TagKeyList', list);
}

/** The one page of tags that there can be. */
export function tagPage(input: Input, stream: LocalStream): object {
  const token = input.text('NextToken', NEXT_TOKEN);
  if (token) {
    throw invalidArgument(`Value '${token}' at 'NextToken' is not a token of this endpoint`);
  }
  return { Tags: stream.record.tags, NextToken: null };
}

/**
 * The stream that `ResourceARN` means. The operations with this member exist for signaling channels
 * of WebRTC, which are none here; the API model lets them take the ARN of a stream as well.
 */
export function resourceOf(input: Input, streams: StreamRegistry): LocalStream {
  const arn = input.required('ResourceARN', input.text('ResourceARN', STREAM_ARN));
  if (arn.split(':')[5]?.startsWith('stream/') !== true) {
    throw invalidArgument(
      `Value '${arn}' at 'ResourceARN' is not the ARN of a stream; the local endpoint has no other resources`,
    );
  }
  return findStream(streams, undefined, arn);
}
