/** A PutMedia connection together with a record of what it reported. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KinesisVideoError } from '../../ts/internal/errors.js';
import { MediaChunk, PutMediaConnection, type PutMediaOptions } from '../../ts/service/index.js';
import type { TestContext } from '../support/suite.js';
import { Dialer } from '../../ts/network/index.js';
import { canary, certificate } from './servers.js';

/** Makes connections that trust the test certificate. */
export const trusting = new Dialer({ ca: certificate });

export interface Recorded {
  readonly connection: PutMediaConnection;
  /** All acknowledgement bytes so far, as text. */
  readonly acks: () => string;
  /** How often `onClose` was called. */
  readonly closeCount: () => number;
  /** Settles with what `onClose` was called with. */
  readonly closed: Promise<KinesisVideoError | undefined>;
}

/** Usual options: stream cam1 in us-west-2, canary credentials, trust in the test certificate. */
export function putMediaOptions(
  endpoint: string,
  overrides: Partial<PutMediaOptions> = {},
): PutMediaOptions {
  return {
    endpoint,
    region: 'us-west-2',
    credentials: () => Promise.resolve(canary),
    streamName: 'cam1',
    startTimestamp: 1_735_787_045_250,
    timecodeType: 'RELATIVE',
    fragmentAcks: true,
    dialer: trusting,
    onAckBytes: () => undefined,
    onClose: () => undefined,
    ...overrides,
  };
}

/** Opens a connection that ends with the test at the latest. */
export async function openRecorded(
  t: TestContext,
  endpoint: string,
  overrides: Partial<PutMediaOptions> = {},
): Promise<Recorded> {
  let acks = '';
  let closeCount = 0;
  let report: (error: KinesisVideoError | undefined) => void;
  const closed = new Promise<KinesisVideoError | undefined>((resolve) => {
    report = resolve;
  });
  const connection = await PutMediaConnection.open(
    putMediaOptions(endpoint, {
      onAckBytes: (chunk) => {
        acks += Buffer.from(chunk).toString();
      },
      onClose: (error) => {
        closeCount += 1;
        report(error);
      },
      ...overrides,
    }),
  );
  t.after(() => {
    connection.destroy();
  });
  return { connection, acks: () => acks, closeCount: () => closeCount, closed };
}

/** Writes some bytes. */
export function write(connection: PutMediaConnection, bytes: Uint8Array, done: () => void): void {
  const chunk = new MediaChunk(bytes.length);
  chunk.body.set(bytes);
  connection.write(chunk, bytes.length, done);
}

/** Writes one chunk and waits until its buffer may be reused. */
export function writeChunk(connection: PutMediaConnection, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    write(connection, chunk, resolve);
  });
}

/** Writes the same chunk again and again, each time the one before has left; returns the count. */
export function writeForever(connection: PutMediaConnection, size = 65_536): () => number {
  const chunk = new MediaChunk(size);
  chunk.body.fill(0x5a);
  let taken = 0;
  const next = (): void => {
    connection.write(chunk, size, () => {
      taken += 1;
      next();
    });
  };
  next();
  return () => taken;
}

/** Waits until `condition` holds; the test's time limit is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2);
}
