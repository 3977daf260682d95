/** Clients for the tests of the producer, and what they have seen. */
import * as assert from 'uvu/assert';
import {
  KinesisVideoClient,
  KinesisVideoError,
  type Frame,
  type KinesisVideoClientOptions,
  type KinesisVideoStream,
  type StreamDefinition,
  type StreamEvents,
} from '../../../ts/index.js';
import { binding } from '../../../ts/internal/binding.js';
import { canaryCredentials } from '../../support/canary.js';
import type { TestContext } from '../../support/suite.js';
import { definition } from './media.js';

export const MIB = 1024 * 1024;

/** `KVS_TEST_TRANSPORT=worker` has the clients of all suites use a worker. */
export const TRANSPORT = process.env['KVS_TEST_TRANSPORT'] ?? 'main';

/** A client that is destroyed with the test; nothing native may be left of it. */
export function makeClient(
  t: TestContext,
  endpoint: string,
  options: KinesisVideoClientOptions = {},
): KinesisVideoClient {
  const before = binding().allocatedBytes();
  const client = new KinesisVideoClient({
    region: 'us-west-2',
    credentials: canaryCredentials,
    endpoint,
    storageSize: 10 * MIB,
    ...(TRANSPORT === 'worker' && { transport: 'worker' }),
    ...options,
  });
  t.after(() => {
    client.destroy();
    assert.is(binding().allocatedBytes(), before, 'native memory was left behind');
  });
  return client;
}

/** A stream of a client of its own. */
export function makeStream(
  t: TestContext,
  endpoint: string,
  changes: Partial<StreamDefinition> = {},
  options: KinesisVideoClientOptions = {},
): Promise<KinesisVideoStream> {
  return makeClient(t, endpoint, options).createStream(definition(changes));
}

/** Puts frames one after the other, waiting where the stream does. */
export async function putAll(stream: KinesisVideoStream, frames: readonly Frame[]): Promise<void> {
  for (const frame of frames) await stream.put(frame);
}

/** Collects what a stream emits under a name. */
export function collect<K extends keyof StreamEvents>(
  stream: KinesisVideoStream,
  name: K,
): StreamEvents[K][] {
  const seen: StreamEvents[K][] = [];
  const listener = (...args: StreamEvents[K]): void => {
    seen.push(args);
  };
  (stream as { on(name: string, listener: unknown): unknown }).on(name, listener);
  return seen;
}

/** The error that something throws or rejects with, which must be one of ours. */
export async function failureOf(work: () => unknown): Promise<KinesisVideoError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof KinesisVideoError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** Waits until something holds. */
export async function until(t: TestContext, holds: () => boolean): Promise<void> {
  while (!holds()) {
    t.signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
