/** Members that several operations have in common, with the limits of the API model. */
import { invalidArgument, ServiceException } from '../exceptions.js';
import type { Input, TextRule } from '../input.js';
import type { LocalStream } from '../streams/stream.js';
import type { StreamRegistry } from '../streams/registry.js';

/** Tags, or keys of tags, in one call. */
export const MAX_TAGS_PER_CALL = 50;
const STORAGE_TIERS = ['HOT', 'WARM'] as const;
const TAG_TEXT = /^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$/u;
/** Prefix of tag keys that only AWS itself may set. */
const RESERVED_KEY_PREFIX = 'aws:';

/** The name of a stream. */
export const STREAM_NAME: TextRule = { min: 1, max: 256, pattern: /^[a-zA-Z0-9_.-]+$/ };
/** The ARN of a stream. */
export const STREAM_ARN: TextRule = {
  min: 1,
  max: 1024,
  pattern: /^arn:[a-z\d-]+:kinesisvideo:[a-z0-9-]+:[0-9]+:[a-z]+\/[a-zA-Z0-9_.-]+\/[0-9]+$/,
};
/** The name of the device of a stream. */
export const DEVICE_NAME: TextRule = { min: 1, max: 128, pattern: /^[a-zA-Z0-9_.-]+$/ };
/** The media type of a stream. */
export const MEDIA_TYPE: TextRule = {
  min: 1,
  max: 128,
  pattern: /^[\w\-.+]+\/[\w\-.+]+(,[\w\-.+]+\/[\w\-.+]+)*$/,
};
/** Whether a configuration is in force. */
export const CONFIGURATION_STATUS = ['ENABLED', 'DISABLED'] as const;
/** Where a configuration sends something. */
export const DESTINATION_URI: TextRule = {
  min: 1,
  max: 255,
  pattern: /^[a-zA-Z_0-9]+:(\/\/)?([^/]+)\/?([^*]*)$/,
};
/** The version of a stream. */
export const VERSION: TextRule = { min: 1, max: 64, pattern: /^[a-zA-Z0-9]+$/ };
/** The token of a next page of the control plane. */
export const NEXT_TOKEN: TextRule = { min: 0, max: 1024, pattern: /^[a-zA-Z0-9+/=]*$/ };
/** The key of a tag. */
export const TAG_KEY: TextRule = { min: 1, max: 128, pattern: TAG_TEXT };
/** The value of a tag. */
export const TAG_VALUE: TextRule = { min: 0, max: 256, pattern: TAG_TEXT };
/** Longest retention period, in hours: ten years. */
export const MAX_RETENTION_HOURS = 87_600;

/** The stream that `StreamName` or `StreamARN` means. Throws unless exactly one is given. */
export function streamOf(input: Input, streams: StreamRegistry): LocalStream {
  return findStream(
    streams,
    input.text('StreamName', STREAM_NAME),
    input.text('StreamARN', STREAM_ARN),
  );
}

/**
 * The same for operations that read what is stored: the stream must be ACTIVE, else
 * ResourceNotFoundException, and retain its media, else NoDataRetentionException.
 */
export function retainingStreamOf(input: Input, streams: StreamRegistry): LocalStream {
  const stream = streamOf(input, streams);
  stream.requireActive();
  if (stream.retains) return stream;
  throw new ServiceException(
    'NoDataRetentionException',
    `The stream '${stream.record.streamName}' retains no data; give it a retention period (UpdateDataRetention) before media are put.`,
  );
}

/** The stream of that name or ARN. Throws unless exactly one is given. */
export function findStream(
  streams: StreamRegistry,
  name: string | undefined,
  arn: string | undefined,
): LocalStream {
  if (name !== undefined && arn === undefined) return streams.get({ name });
  if (arn !== undefined && name === undefined) return streams.get({ arn });
  throw invalidArgument('Exactly one of StreamName and StreamARN must be given');
}

/** The `Tags` of a request. */
export function tagsOf(input: Input): Record<string, string> | undefined {
  const tags = input.textMap('Tags', {
    key: TAG_KEY,
    value: TAG_VALUE,
    min: 1,
    max: MAX_TAGS_PER_CALL,
  });
  tags?.forEach((_value, key) => {
    refuseReservedKey(key);
  });
  return tags && Object.fromEntries(tags);
}

/** Throws InvalidArgumentException for the key of a tag that only AWS may set. */
export function refuseReservedKey(key: string): void {
  if (!key.startsWith(RESERVED_KEY_PREFIX)) return;
  throw invalidArgument(`Tag key '${key}' begins with '${RESERVED_KEY_PREFIX}', which is reserved`);
}

/** The tier that `StreamStorageConfiguration` asks for. */
export function storageTierOf(input: Input): string | undefined {
  const storage = input.object('StreamStorageConfiguration');
  const member = 'DefaultStorageTier';
  return storage?.required(member, storage.choice(member, STORAGE_TIERS));
}

/** Throws NoDataRetentionException for a stream that keeps nothing. */
export function requireRetention(stream: LocalStream): void {
  if (stream.retains) return;
  throw new ServiceException(
    'NoDataRetentionException',
    `The data retention of the stream '${stream.record.streamName}' is 0 hours; raise it with UpdateDataRetention first.`,
  );
}

/** One page of `items`, which are in the order of `keyOf`, and the token of the next page. */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  request: { size: number; token: string | undefined },
): { items: T[]; nextToken: string | null } {
  const after = request.token === undefined ? undefined : readToken(request.token);
  const start = after === undefined ? 0 : items.findIndex((item) => keyOf(item) > after);
  const from = start < 0 ? items.length : start;
  const taken = items.slice(from, from + request.size);
  const last = taken.at(-1);
  const more = last !== undefined && from + taken.length < items.length;
  return { items: taken, nextToken: more ? makeToken(keyOf(last)) : null };
}

/** The text of a token that stands for `content`. */
export function makeToken(content: string): string {
  return Buffer.from(content).toString('base64');
}

/** What a token stands for. Throws InvalidArgumentException when it is not a token. */
export function readToken(token: string): string {
  const content = Buffer.from(token, 'base64').toString();
  if (content === '' || makeToken(content) !== token) {
    throw invalidArgument(`Value '${token}' at 'NextToken' is not a token of this endpoint`);
  }
  return content;
}
