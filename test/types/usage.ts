/**
 * The public API as a user's program has it: compiled with the tests, never run. A line below
 * `@ts-expect-error` must not compile.
 */
import { pino } from 'pino';
import {
  KinesisVideoClient,
  KinesisVideoError,
  KinesisVideoStream,
  NalAdaptationFlags,
  PutFrameHelper,
  Status,
  type FragmentAck,
  type Logger,
  type StatusName,
  type StopResult,
  type StreamDefinition,
  type StreamMetrics,
} from '../../ts/index.js';
import { openMedia } from '../../ts/ingest/index.js';

export async function streamCamera(frames: AsyncIterable<Uint8Array>): Promise<StopResult> {
  const client = new KinesisVideoClient({ region: 'us-west-2', storageSize: 64 * 1024 * 1024 });
  const definition: StreamDefinition = {
    streamName: 'camera',
    retentionPeriod: 24,
    tags: { place: 'door' },
    tracks: [
      { codec: 'h264' },
      { codec: 'aac', trackId: 2, samplingFrequency: 48_000, channels: 2 },
    ],
    nalAdaptationFlags: NalAdaptationFlags.ANNEXB_NALS | NalAdaptationFlags.ANNEXB_CPD_NALS,
  };
  const stream = await client.createStream(definition, { signal: AbortSignal.timeout(30_000) });
  stream.on('fragmentAck', (ack) => {
    const known: FragmentAck['type'] = ack.type;
    const timecode: number | undefined = ack.fragmentTimecode;
    console.log(known, ack.fragmentNumber, timecode);
  });
  stream.on('droppedFrame', ({ reason, frames: lost }) => {
    console.log(reason === 'store-pressure', lost);
  });
  stream.on('state', (state, previous) => {
    console.log(state, previous);
  });
  stream.once('error', (error: KinesisVideoError) => {
    console.log(error.code, error.status, error.retryable);
  });
  for await (const data of frames) {
    stream.putFrame({ data, keyFrame: true, presentationTs: Date.now() });
  }
  stream.putFragmentMetadata('event', 'motion', { persistent: false });
  stream.putEventMetadata(['image-generation', 'notification'], {
    imagePrefix: 'door/',
    metadata: { zone: 'left' },
  });
  stream.on('latencyPressure', ({ duration }) => {
    if (duration > 30_000) stream.resetConnection();
  });
  stream.on('track', ({ trackId, present }) => {
    console.log(trackId, present);
  });
  stream.on('underflow', () => {
    console.log('silence');
  });
  stream.endFragment();
  const metrics: StreamMetrics = stream.metrics;
  console.log(metrics.pending.bytes, metrics.droppedFrames.total, client.metrics.storageAvailable);
  const result = await stream.stop({ timeout: 10_000 });
  await client.close();
  return result;
}

/** Sound and picture from two sources. */
export function putBoth(stream: KinesisVideoStream, picture: Uint8Array): void {
  const helper = new PutFrameHelper(stream, { audioTrackId: 2 });
  const data = helper.frameBuffer(picture.byteLength, true);
  data.set(picture);
  helper.putVideo({ data, keyFrame: true, presentationTs: Date.now() });
  helper.putAudio({ data: new Uint8Array(10), presentationTs: Date.now() });
}

/** What `openMedia` yields fits a definition and `put` as it is. */
export async function uploadFile(path: string): Promise<void> {
  await using client = new KinesisVideoClient();
  await using media = await openMedia(path);
  const { tracks, contentType } = media;
  const stream = await client.createStream({
    streamName: 'file',
    streamingType: 'offline',
    tracks,
    contentType,
  });
  for await (const packet of media.packets()) await stream.put(packet, { timeout: 60_000 });
}

/** Loggers that fit as they are. */
export function loggers(): KinesisVideoClient[] {
  const own: Logger = {
    warn: (details, message) => process.stdout.write(`${message} ${String(details['code'])}`),
  };
  return [pino(), console, own].map((logger) => new KinesisVideoClient({ logger }));
}

export function codes(error: unknown): StatusName | undefined {
  if (!(error instanceof KinesisVideoError)) return undefined;
  return error.code === 'STATUS_STORE_OUT_OF_MEMORY' &&
    error.status === Status.STATUS_STORE_OUT_OF_MEMORY
    ? error.code
    : undefined;
}

export function mistakes(client: KinesisVideoClient, stream: KinesisVideoStream): void {
  // @ts-expect-error a logger that takes the message first
  new KinesisVideoClient({ logger: { warn: (message: string) => message.trim() } });
  // @ts-expect-error a misspelt option
  new KinesisVideoClient({ storagesize: 1 });
  // @ts-expect-error a definition without a name
  void client.createStream({});
  // @ts-expect-error an unknown streaming type
  void client.createStream({ streamName: 'cam', streamingType: 'live' });
  // @ts-expect-error an event that the service does not have
  stream.putEventMetadata('picture');
  // @ts-expect-error an unknown order of frames
  void client.createStream({ streamName: 'cam', frameOrder: 'random' });
  // @ts-expect-error a frame without a time
  stream.putFrame({ data: new Uint8Array(1) });
  // @ts-expect-error bytes of another kind
  stream.putFrame({ data: 'text', presentationTs: 0 });
  // @ts-expect-error an event that does not exist
  stream.on('fragmentack', () => undefined);
  // @ts-expect-error a listener that takes something else
  stream.on('connected', (endpoint: number) => endpoint);
  // @ts-expect-error streams are made by a client
  new KinesisVideoStream();
  // @ts-expect-error metrics are a snapshot
  stream.metrics.framesPut = 0;
}
