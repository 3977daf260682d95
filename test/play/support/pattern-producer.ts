import { openMedia } from '../../../ts/ingest/index.js';
import { delay } from '../../../ts/internal/signal.js';
import { KinesisVideoClient, type KinesisVideoStream } from '../../../ts/producer/index.js';
import { FRAME_MS, PATTERN } from './pattern.js';

/** Sends the pattern in real time, over and over, until it is closed. */
export class PatternProducer {
  /** When frame 0 was put (epoch ms). */
  readonly origin: number;
  readonly stream: KinesisVideoStream;
  readonly #client: KinesisVideoClient;
  readonly #stop = new AbortController();
  #isSilent = false;
  #isDue = true;
  #running: Promise<void> = Promise.resolve();

  private constructor(client: KinesisVideoClient, stream: KinesisVideoStream, origin: number) {
    this.#client = client;
    this.stream = stream;
    this.origin = origin;
  }

  /** Begins to send the file at `path`. */
  static async start(
    path: string,
    endpoint: { readonly endpoint: string; readonly region: string },
    streamName: string,
  ): Promise<PatternProducer> {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new KinesisVideoClient({
      endpoint: endpoint.endpoint,
      region: endpoint.region,
      credentials,
    });
    const media = await openMedia(path);
    const { tracks, contentType } = media;
    await media.close();
    const stream = await client.createStream({
      streamName,
      tracks,
      contentType,
      retentionPeriod: 1,
      timestampPolicy: 'fix',
      frameOrder: 'pass-through',
    });
    stream.putFragmentMetadata('room', 'kitchen', { persistent: true });
    const producer = new PatternProducer(client, stream, Date.now());
    producer.#running = producer.#run(path);
    return producer;
  }

  /** When the frame with this number was put, of the repetitions the one that is nearest to `near`. */
  timeOf(frame: number, near: number): number {
    const length = PATTERN.frames * FRAME_MS;
    const first = this.origin + frame * FRAME_MS;
    return first + Math.round((near - first) / length) * length;
  }

  /** Puts nothing, as a camera does that has lost its network; later it goes on at a key frame. */
  setSilent(isSilent: boolean): void {
    this.#isSilent = isSilent;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#client.destroy();
  }

  async #run(path: string): Promise<void> {
    const { signal } = this.#stop;
    const isOver = (): boolean => signal.aborted;
    for (let shift = this.origin; !isOver(); shift += PATTERN.frames * FRAME_MS) {
      const media = await openMedia(path);
      const picture = media.tracks.find(({ trackType }) => trackType === 'video');
      try {
        for await (const packet of media.packets()) {
          const time = packet.decodingTs + shift;
          await delay(Math.max(0, time - Date.now()), signal);
          const beginsPicture = packet.keyFrame && packet.trackId === picture?.trackId;
          if (this.#isSilent) this.#isDue = false;
          else if (beginsPicture) this.#isDue = true;
          if (this.#isDue) {
            this.stream.putFrame({ ...packet, presentationTs: time, decodingTs: time });
          }
        }
      } catch (error) {
        if (!isOver()) throw error;
      } finally {
        await media.close();
      }
    }
  }
}
