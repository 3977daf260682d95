/** What all examples of this folder share: their options, and an endpoint with a clip for --local. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { KinesisVideoClient } from 'kinesis-video-producer';
import { KinesisVideoConsumer } from 'kinesis-video-producer/consumer';
import { openMedia } from 'kinesis-video-producer/ingest';
import { startLocalKinesisVideo } from 'kinesis-video-producer/local';

export const CLIP = fileURLToPath(new URL('../../../test/fixtures/h264-aac.mp4', import.meta.url));

/** The key pair of `kvs local`. */
const LOCAL_KEYS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Reads the command line, and starts an endpoint when that is asked for. Close it at the end. */
export async function openSetting({ withClip = true } = {}) {
  const { values } = parseArgs({
    options: {
      local: { type: 'boolean', default: false },
      endpoint: { type: 'string' },
      stream: { type: 'string', default: 'demo' },
      follow: { type: 'boolean', default: false },
      output: { type: 'string' },
    },
  });
  const { stream: streamName, follow, output } = values;
  const local = values.local ? await startLocalKinesisVideo({ getMediaTimeout: 500 }) : undefined;
  const endpoint = local?.endpoint ?? values.endpoint;
  const isNear = endpoint !== undefined && /^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(endpoint);
  // How to reach the service, for the producer, the consumer and the clients of the AWS SDK.
  const service = {
    ...(endpoint !== undefined && { endpoint }),
    ...(isNear && { region: process.env.AWS_REGION ?? 'us-west-2', credentials: LOCAL_KEYS }),
  };
  const consumer = new KinesisVideoConsumer(service);
  if (local !== undefined && withClip) await sendClip(service, streamName);
  return {
    service,
    streamName,
    follow,
    output,
    consumer,
    async close() {
      consumer.close();
      await local?.close();
    },
  };
}

/** Sends the clip as if it was recorded just now; `onFrame` is called for each frame. */
export async function sendClip(service, streamName, onFrame = () => undefined) {
  const client = new KinesisVideoClient(service);
  const media = await openMedia(CLIP);
  try {
    const stream = await client.createStream({
      streamName,
      tracks: media.tracks,
      retentionPeriod: 24,
      fragmentDuration: 1000,
    });
    const start = Date.now() - (media.duration ?? 0);
    stream.putFragmentMetadata('room', 'kitchen', { persistent: true });
    for await (const packet of media.packets()) {
      await stream.put({
        ...packet,
        presentationTs: start + packet.presentationTs,
        decodingTs: start + packet.decodingTs,
      });
      onFrame(packet);
    }
    await stream.stop();
  } finally {
    await media.close();
    await client.close();
  }
}
