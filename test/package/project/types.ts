// Compiled, never run, in a project that has the package installed: the declarations stand on
// their own under strict settings and without skipLibCheck.
import { KinesisVideoClient, KinesisVideoError } from 'kinesis-video-producer';
import { openMedia } from 'kinesis-video-producer/ingest';
import { startLocalKinesisVideo } from 'kinesis-video-producer/local';

export async function upload(path: string): Promise<number> {
  const local = await startLocalKinesisVideo();
  const client = new KinesisVideoClient({ region: 'us-west-2', endpoint: local.endpoint });
  const media = await openMedia(path);
  try {
    const stream = await client.createStream({ streamName: 'types', retentionPeriod: 1 });
    stream.on('fragmentAck', (ack) => {
      const type: 'BUFFERING' | 'RECEIVED' | 'PERSISTED' | 'ERROR' | 'IDLE' = ack.type;
      return type;
    });
    for await (const packet of media.packets()) stream.putFrame(packet);
    return (await stream.stop()).persistedFragments;
  } catch (error) {
    if (error instanceof KinesisVideoError) return error.status;
    throw error;
  } finally {
    await client.close();
    await local.close();
  }
}
