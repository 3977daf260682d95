/** Members that several operations have in common, with the limits of the API model. */
import { invalidArgument } from '../exceptions.js';
import type { Input, TextRule } from '../input.js';
import type { LocalStream } from '../streams/stream.js';
import type { StreamRegistry } from '../streams/registry.js';

const MAX_TAGS_PER_CALL = 50;
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
/** The version of a stream. */
export const VERSION: TextRule = { min: 1, max: 64, pattern: /^[a-zA-Z0-9]+$/ };
/** The key of a tag. */
export const TAG_KEY: TextRule = { min: 1, max: 128, pattern: TAG_TEXT };
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
    value: { min: 0, max: 256, pattern: TAG_TEXT },
    min: 1,
    max: MAX_TAGS_PER_CALL,
  });
  const reserved = [...(tags?.keys() ?? [])].find((key) => key.startsWith(RESERVED_KEY_PREFIX));
  if (reserved !== undefined) {
    throw invalidArgument(
      `Tag key '${reserved}' begins with '${RESERVED_KEY_PREFIX}', which is reserved`,
    );
  }
  return tags && Object.fromEntries(tags);
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
