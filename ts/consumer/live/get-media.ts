import type { Readable } from 'node:stream';
import { boolean, number, optional, resolveOptions, type Check } from '../../internal/options.js';
import type { Logger } from '../../logging/index.js';
import { fragmentsOf } from '../../parser/fragment-sequence.js';
import { StreamedFragment } from '../../parser/media-fragment.js';
import type { MediaFragment } from '../../parser/index.js';
import { signal, streamName, type StreamCallOptions } from '../checks.js';
import type { DataPlane } from '../data-plane.js';
import type { MediaGap } from './gap.js';
import { MediaFollower, type FollowedItem } from './media-follower.js';
import { startSelector, type MediaStart } from './start.js';

/** What to read of a stream, and how. */
export interface GetMediaOptions extends StreamCallOptions {
  /** Where to begin. Default `now`. */
  readonly start?: MediaStart | undefined;
  /**
   * Whether to go on where the service has nothing more for now. Else the reading is over when the
   * service ends its answer, some 3 seconds after the last fragment. Default true.
   */
  readonly endless?: boolean | undefined;
  /**
   * Milliseconds without a byte after which a connection is given up and made anew. The longest
   * fragment is 20 s. Default 30 000.
   */
  readonly idleTimeout?: number | undefined;
  /** Milliseconds between the end of a fragment and the next that are no gap. Default 1000. */
  readonly gapTolerance?: number | undefined;
  /** Largest frame, in bytes. Default 64 MiB; the service takes fragments of at most 50 MB. */
  readonly maxFrameBytes?: number | undefined;
}

/** A fragment of a stream, given out when it begins: its frames can be read while they arrive. */
export interface LiveFragment extends MediaFragment {
  /** The service's number, ascending in a stream. */
  readonly fragmentNumber: string;
  /** What is missing between the fragment before and this one. */
  readonly gapBefore: MediaGap | undefined;
}

const milliseconds = number({ min: 1, max: 2 ** 31 - 1, unit: 'milliseconds' });

const SHAPE = {
  streamName,
  signal,
  start: optional(startSelector, { StartSelectorType: 'NOW' as const }),
  endless: optional(boolean, true),
  idleTimeout: optional(milliseconds, 30_000),
  gapTolerance: optional(number({ min: 0, max: Infinity, unit: 'milliseconds' }), 1000),
  maxFrameBytes: optional(number({ min: 1, max: 2 ** 31 - 1, unit: 'bytes', whole: true })),
} satisfies Record<keyof GetMediaOptions, Check<unknown>>;

/** Reads a stream fragment by fragment, see `KinesisVideoConsumer.getMedia`. */
export function getMedia(
  data: DataPlane,
  logger: Logger,
  options: GetMediaOptions,
): AsyncGenerator<LiveFragment, void, undefined> {
  const { idleTimeout, ...resolved } = resolveOptions('getMedia', SHAPE, options);
  const follower = new MediaFollower({
    ...resolved,
    maxSilence: idleTimeout,
    logger,
    open: async (start) => {
      const call = {
        api: 'GET_MEDIA' as const,
        operation: 'GetMedia',
        streamName: resolved.streamName,
        signal: resolved.signal,
      };
      const { Payload: payload } = await data.media(call, (sdk, client, send) =>
        client.send(
          new sdk.GetMediaCommand({ StreamName: resolved.streamName, StartSelector: start }),
          send,
        ),
      );
      if (payload === undefined) throw data.malformed(call, 'payload');
      return payload as Readable;
    },
  });
  const next = () => follower.next();
  return fragmentsOf(
    next,
    (item) => new FollowedFragment(item, next),
    () => {
      follower.close();
    },
  );
}

class FollowedFragment extends StreamedFragment implements LiveFragment {
  declare readonly fragmentNumber: string;
  readonly gapBefore: MediaGap | undefined;

  constructor(
    { header, gap }: FollowedItem & { readonly type: 'fragment' },
    next: () => Promise<FollowedItem | undefined>,
  ) {
    super(header, next);
    this.gapBefore = gap;
  }
}
