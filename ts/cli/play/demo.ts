/** What `kvs play --demo` plays: an endpoint and a producer on this machine. */
import { startLocalKinesisVideo } from '../../local/index.js';
import type { Logger } from '../../logging/index.js';
import type { AckEvent } from '../../play/index.js';
import { KinesisVideoClient, NalAdaptationFlags, type FragmentAck } from '../../producer/index.js';
import { LOCAL_KEYS, LOCAL_REGION } from '../connection.js';
import { Closing } from './closing.js';
import { openDemoMedia } from './demo-media.js';

/** A producer that runs until it is closed. */
export interface Demo {
  /** URL of the endpoint. */
  readonly endpoint: string;
  /** What the picture is, such as "a test pattern". */
  readonly picture: string;
  /** Calls `listener` with each acknowledgement. */
  onAck(listener: (ack: AckEvent) => void): void;
  close(): Promise<void>;
}

/**
 * Starts an endpoint, and a producer that sends to it in real time.
 *
 * @param onTrouble - called with what stops the producer: the picture stands still then
 */
export async function startDemo(
  streamName: string,
  logger: Logger | undefined,
  onTrouble: (error: unknown) => void,
): Promise<Demo> {
  const closing = new Closing();
  try {
    const local = await startLocalKinesisVideo({ region: LOCAL_REGION });
    closing.add(() => local.close());
    const media = await openDemoMedia();
    closing.add(() => media.close());
    const { endpoint, region } = local;
    const client = new KinesisVideoClient({ endpoint, region, credentials: LOCAL_KEYS, logger });
    closing.add(() => {
      client.destroy();
    });
    const { ANNEXB_NALS, ANNEXB_CPD_NALS, NONE } = NalAdaptationFlags;
    const stream = await client.createStream({
      streamName,
      tracks: media.tracks,
      contentType: media.contentType,
      retentionPeriod: 1,
      // Frames have the time at which they are put, and clocks are set.
      timestampPolicy: 'fix',
      frameOrder: 'pass-through',
      nalAdaptationFlags: media.annexB ? ANNEXB_NALS | ANNEXB_CPD_NALS : NONE,
    });
    stream.on('error', onTrouble);
    stream.putFragmentMetadata('source', media.picture, { persistent: true });
    media
      .run((frame) => {
        stream.putFrame(frame);
      })
      .catch(onTrouble);
    return {
      endpoint,
      picture: media.picture,
      onAck: (listener) => {
        stream.on('fragmentAck', (ack) => {
          if (ack.type !== 'IDLE') listener(ackEvent(ack));
        });
      },
      close: () => closing.close(),
    };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

function ackEvent({ type, fragmentNumber, fragmentTimecode, errorCode }: FragmentAck): AckEvent {
  return {
    type,
    fragmentNumber: fragmentNumber === '' ? undefined : fragmentNumber,
    fragmentTime: fragmentTimecode,
    time: Date.now(),
    error: errorCode,
  };
}
