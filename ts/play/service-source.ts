import { Readable } from 'node:stream';
import { KinesisVideoConsumer, type KinesisVideoConsumerOptions } from '../consumer/index.js';
import { KinesisVideoError } from '../internal/errors.js';
import type { FragmentRow, SessionRequest } from './protocol.js';
import type { MediaStart, PlaySource } from './source.js';

/** As long as the service allows: a page may be left open. */
const SESSION_LIFE = 12 * 3_600_000;
/** How far back a live playlist reaches; players stay near its end. */
const LIVE_FRAGMENTS = 8;
const ON_DEMAND_FRAGMENTS = 5000;

/** A stream of the service. */
export class ServiceSource implements PlaySource {
  readonly #consumer: KinesisVideoConsumer;
  readonly #streamName: string;

  /** @throws KinesisVideoError for an option that is unknown or out of range */
  constructor(streamName: string, options: KinesisVideoConsumerOptions) {
    this.#streamName = streamName;
    this.#consumer = new KinesisVideoConsumer(options);
  }

  async getMedia(start: MediaStart, signal: AbortSignal): Promise<Readable> {
    const streamName = this.#streamName;
    const fragments = this.#consumer.getMedia({
      streamName,
      start: typeof start === 'object' && 'producerTime' in start ? at(start.producerTime) : start,
      endless: false,
      signal,
    });
    // What is wrong with the call shows here.
    const first = await fragments.next();
    const bytes = async function* (): AsyncGenerator<Uint8Array> {
      for (let next = first; next.done !== true; next = await fragments.next()) {
        yield* next.value.bytes();
        if (next.value.state === 'cut') throw cutOff(streamName);
      }
    };
    return Readable.from(bytes(), { objectMode: false });
  }

  async listFragments(start: number, end: number, signal: AbortSignal): Promise<FragmentRow[]> {
    const rows: FragmentRow[] = [];
    const fragments = this.#consumer.listFragments({
      streamName: this.#streamName,
      startTimestamp: start,
      endTimestamp: end,
      fragmentSelectorType: 'PRODUCER_TIMESTAMP',
      signal,
    });
    for await (const fragment of fragments) {
      const { fragmentNumber: number, producerTimestamp: producerTime } = fragment;
      const { serverTimestamp: serverTime, duration, size } = fragment;
      rows.push({ number, producerTime, serverTime, duration, size });
    }
    return rows;
  }

  async openSession(request: SessionRequest, signal: AbortSignal): Promise<string> {
    const { protocol, mode, container, start, end } = request;
    const isLive = mode === 'live';
    const common = {
      streamName: this.#streamName,
      signal,
      playbackMode: isLive ? ('LIVE' as const) : ('ON_DEMAND' as const),
      // The latency is that of the producer's clock.
      fragmentSelectorType: 'PRODUCER_TIMESTAMP' as const,
      displayFragmentTimestamp: true,
      expires: SESSION_LIFE,
      ...(!isLive && { startTimestamp: start, endTimestamp: end }),
    };
    const fragments = isLive ? LIVE_FRAGMENTS : ON_DEMAND_FRAGMENTS;
    const { url } =
      protocol === 'hls'
        ? await this.#consumer.getHlsUrl({
            ...common,
            containerFormat: container === 'ts' ? 'MPEG_TS' : 'FRAGMENTED_MP4',
            discontinuityMode: 'ON_DISCONTINUITY',
            maxMediaPlaylistFragmentResults: fragments,
          })
        : await this.#consumer.getDashUrl({ ...common, maxManifestFragmentResults: fragments });
    return url;
  }

  close(): void {
    this.#consumer.close();
  }
}

function at(producerTimestamp: number) {
  return { producerTimestamp };
}

function cutOff(streamName: string): KinesisVideoError {
  const advice = 'it is read on from there';
  return new KinesisVideoError(
    'STATUS_SERVICE_CALL_UNKNOWN_ERROR',
    `A fragment of stream "${streamName}" was cut off: ${advice}.`,
    { values: { streamName }, advice, retryable: true },
  );
}
