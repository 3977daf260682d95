/** Native clients and streams for the tests of the addon, and media to put into them. */
import { binding } from '../../../ts/internal/binding.js';
import {
  highPart,
  lowPart,
  ReadKind,
  type NativeClient,
  type NativeStream,
  type NativeStreamConfig,
} from '../../../ts/internal/native.js';
import { statusName } from '../../../ts/internal/status.js';
import type { TestContext } from '../../support/suite.js';

export const MIB = 1024 * 1024;
/** Times of the tests start here. */
export const START = 1_700_000_000_000;

/** avcC with a baseline SPS of 16x16 pixels and a PPS. */
const AVCC = Buffer.from('0142c01effe1000a6742c01ed9003c22114001000468ce3c80', 'hex');

/** A stream's configuration: H.264 without any rewriting, in fragments of key frames. */
export function makeConfig(changes: Partial<NativeStreamConfig> = {}): NativeStreamConfig {
  return {
    name: 'camera',
    writingApp: 'test',
    streamingType: 0,
    dropOldest: true,
    fragmentAcks: true,
    retained: true,
    absoluteTimecodes: true,
    keyFrameFragmentation: true,
    fragmentDuration: 2000,
    bufferDuration: 120_000,
    replayDuration: 120_000,
    replayPoint: 0,
    maxLatency: 0,
    staleness: 0,
    idleTimeout: 0,
    frameOrder: 0,
    orderWindow: 0,
    timestampPolicy: 0,
    timecodeScale: 1,
    nalAdaptation: 0,
    maxFrames: 0,
    highWaterMark: 0,
    segmentUid: new Uint8Array(16).fill(7),
    tracks: [
      {
        trackId: 1,
        trackType: 1,
        codecId: 'V_MPEG4/ISO/AVC',
        trackName: 'video',
        codecPrivateData: AVCC,
        width: 16,
        height: 16,
        samplingFrequency: 0,
        channels: 0,
        bitDepth: 0,
      },
    ],
    ...changes,
  };
}

/** A client that is closed with the test. */
export function makeClient(t: TestContext, storageSize = 16 * MIB): NativeClient {
  const client = binding().createClient(storageSize, 0, '', 0);
  if (typeof client === 'number') throw new Error(`no client: ${nameOf(client)}`);
  t.after(() => {
    client.close();
  });
  return client;
}

/** A stream of a client of its own. */
export function makeStream(
  t: TestContext,
  changes: Partial<NativeStreamConfig> = {},
  client = makeClient(t),
): NativeStream {
  const stream = client.createStream(makeConfig(changes));
  if (typeof stream === 'number') throw new Error(`no stream: ${nameOf(stream)}`);
  return stream;
}

/** The name of a status, `SUCCESS` for 0. */
export function nameOf(status: number): string {
  return status === 0 ? 'SUCCESS' : (statusName(status) ?? `0x${status.toString(16)}`);
}

/** Puts a key frame and returns the name of the status. */
export function put(stream: NativeStream, data: Uint8Array, timestamp = START): string {
  return nameOf(lowPart(stream.putFrame(data, 1, 1, timestamp, timestamp, 0)));
}

/** Everything a new session has to send, the header included. */
export function readAll(stream: NativeStream, chunkSize = 64 * 1024): Buffer {
  const session = stream.openSession(0);
  if (typeof session === 'number') throw new Error(`no session: ${nameOf(session)}`);
  const chunk = new Uint8Array(chunkSize);
  const parts: Buffer[] = [];
  for (;;) {
    const result = stream.readSession(session.sessionId, chunk);
    parts.push(Buffer.from(chunk.subarray(0, lowPart(result))));
    if (highPart(result) !== ReadKind.FULL) break;
  }
  stream.closeSession(session.sessionId, 200);
  return Buffer.concat(parts);
}

/** Collects garbage, and lets the finalizers run. */
export async function collectGarbage(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  for (let round = 0; round < 3; round += 1) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
