import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { invalidArgument, ServiceException } from '../exceptions.js';
import { checkText } from '../input.js';
import { LATEST_PRODUCER_TIME } from '../media/fragment-rules.js';
import { PutMediaSession, type PutMediaRequest } from '../media/put-media-session.js';
import type { LocalStream } from '../streams/stream.js';
import type { StreamRegistry } from '../streams/registry.js';
import { findStream, STREAM_ARN, STREAM_NAME } from './members.js';
import type { Operation } from './operation.js';

/** How long the end of the connection before may be under way when the next one comes. */
const OVERLAP_MS = 100;
const OVERLAP_STEP_MS = 10;
const TIMECODE_TYPES = ['ABSOLUTE', 'RELATIVE'];
/** Seconds; what stands behind the dot is a decimal fraction of any length. */
const START_TIMESTAMP = /^\d+(\.\d+)?$/;

/** PutMedia: the body is Matroska without end, the response acknowledges its fragments. */
export const putMedia: Operation = {
  path: '/putMedia',
  streamsBody: true,
  async handle({ service, exchange, faults }) {
    const { headers } = exchange.request;
    const stream = streamOfHeaders(headers, service.streams);
    const request = readRequest(headers);
    stream.requireActive();
    await untilFree(stream);

    const session = new PutMediaSession(exchange, stream, { ...request, faults }, service);
    stream.users.add(session);
    try {
      await stream.beginSession();
      await session.run();
    } finally {
      stream.users.delete(session);
    }
    return undefined;
  },
};

function streamOfHeaders(headers: IncomingHttpHeaders, streams: StreamRegistry): LocalStream {
  const name = textHeader(headers, 'x-amzn-stream-name');
  const arn = textHeader(headers, 'x-amzn-stream-arn');
  if (name !== undefined) checkText(name, STREAM_NAME, 'x-amzn-stream-name');
  if (arn !== undefined) checkText(arn, STREAM_ARN, 'x-amzn-stream-arn');
  return findStream(streams, name, arn);
}

function readRequest(headers: IncomingHttpHeaders): Omit<PutMediaRequest, 'faults'> {
  const type = textHeader(headers, 'x-amzn-fragment-timecode-type');
  if (type === undefined || !TIMECODE_TYPES.includes(type)) {
    throw invalidArgument(
      `Value '${type ?? ''}' at 'x-amzn-fragment-timecode-type' must be one of [${TIMECODE_TYPES.join(', ')}]`,
    );
  }
  const start = textHeader(headers, 'x-amzn-producer-start-timestamp');
  const isRelative = type === 'RELATIVE';
  if ((isRelative || start !== undefined) && !START_TIMESTAMP.test(start ?? '')) {
    throw invalidArgument(
      `Value '${start ?? ''}' at 'x-amzn-producer-start-timestamp' must be epoch seconds such as 1735787045.250`,
    );
  }
  if (Number(start ?? 0) * 1000 > LATEST_PRODUCER_TIME) {
    throw invalidArgument(
      `Value '${start ?? ''}' at 'x-amzn-producer-start-timestamp' must be at most ${LATEST_PRODUCER_TIME / 1000}`,
    );
  }
  return {
    origin: isRelative ? Number(start) * 1000 : 0,
    acknowledge: headers['x-amzn-fragment-acknowledgment-required'] !== '0',
  };
}

function textHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/**
 * Waits for a PutMedia that is just ending. Throws ConnectionLimitExceededException when one goes
 * on: of two connections to a stream the service refuses the newer.
 */
async function untilFree(stream: LocalStream): Promise<void> {
  for (let waited = 0; hasProducer(stream); waited += OVERLAP_STEP_MS) {
    if (waited >= OVERLAP_MS) {
      throw new ServiceException(
        'ConnectionLimitExceededException',
        `The stream '${stream.record.streamName}' already has a PutMedia connection; end it before the next one begins.`,
      );
    }
    await sleep(OVERLAP_STEP_MS);
  }
}

function hasProducer(stream: LocalStream): boolean {
  return [...stream.users].some((user) => user.kind === 'putMedia' && user.receiving);
}
