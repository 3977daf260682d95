import type { StreamRegistry } from './streams/registry.js';
import type { LocalStream } from './streams/stream.js';

const STREAM_OF_ARN = /^arn:[^:]+:kinesisvideo:[^:]*:[^:]*:stream\/([^/]+)\//;

/** What a request is for, before anything in it has been checked. */
export interface Target {
  /** The operation by its name in the API, such as `PutMedia`. */
  readonly operation: string;
  /** The stream that is named, whether or not it exists. */
  readonly streamName?: string | undefined;
  /** The ARN, when the stream is named so. */
  readonly streamArn?: string | undefined;
}

/** The name in the API of the operation at `path`. */
export function operationName(path: string): string {
  return path.slice(1).replace(/^./, (letter) => letter.toUpperCase());
}

/**
 * What a request is for: a target for each way in which it names a stream, since it is the operation
 * that chooses among them. At least one.
 *
 * @param said - the parsed JSON, whatever it is, or the headers where the body is media
 */
export function targetsOf(path: string, said: unknown): readonly [Target, ...Target[]] {
  const operation = operationName(path);
  const members = Object(said) as Record<string, unknown>;
  const texts = (...keys: string[]): string[] =>
    keys.map((key) => members[key]).filter((value) => typeof value === 'string');
  const named = texts('StreamName', 'x-amzn-stream-name').map((streamName) => ({
    operation,
    streamName,
  }));
  const pointed = texts('StreamARN', 'ResourceARN', 'x-amzn-stream-arn').map((streamArn) => ({
    operation,
    streamName: STREAM_OF_ARN.exec(streamArn)?.[1],
    streamArn,
  }));
  const [first = { operation }, ...others] = [...named, ...pointed];
  return [first, ...others];
}

/** The stream that a request is for, when it exists. */
export function targetStream(target: Target, streams: StreamRegistry): LocalStream | undefined {
  return target.streamName === undefined ? undefined : streams.find(target.streamName);
}
