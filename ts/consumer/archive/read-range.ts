import { KinesisVideoError } from '../../internal/errors.js';
import { number, optional, resolveOptions, rule, type Check } from '../../internal/options.js';
import type { Logger } from '../../logging/index.js';
import type { DataPlane } from '../data-plane.js';
import { ArchivedFragment } from './archived-fragment.js';
import { inOrder } from './in-order.js';
import {
  listFragments,
  RANGE_SHAPE,
  spanOf,
  type FragmentInfo,
  type ListFragmentsOptions,
} from './list-fragments.js';
import { readPart, type MissingFragment } from './part-reader.js';

/** Which fragments to read, and how. */
export interface GetFragmentsOptions extends ListFragmentsOptions {
  /** Connections at a time, 1 to 5, which is what the service allows. Default 3. */
  readonly concurrency?: number | undefined;
  /**
   * Is told of each fragment that is listed and that the service does not give, in its place in the
   * order. Without it the reading rejects with STATUS_NOT_FOUND.
   */
  readonly onMissing?: ((missing: MissingFragment) => void) | undefined;
}

const SHAPE = {
  ...RANGE_SHAPE,
  concurrency: optional(number({ min: 1, max: 5, unit: 'connections', whole: true }), 3),
  onMissing: optional(
    rule<(missing: MissingFragment) => void>('a function', (value) => typeof value === 'function'),
  ),
} satisfies Record<keyof GetFragmentsOptions, Check<unknown>>;

/** What one request asks for at most, so that what is in memory is bounded. */
const PART_BYTES = 8 * 1024 * 1024;
const PART_FRAGMENTS = 100;

/** Reads the fragments of a range, see `KinesisVideoConsumer.getFragments`. */
export function getFragments(
  data: DataPlane,
  logger: Logger,
  options: GetFragmentsOptions,
): AsyncGenerator<ArchivedFragment, void, undefined> {
  const { concurrency, onMissing, ...range } = resolveOptions('getFragments', SHAPE, options);
  const span = spanOf(range);
  const parts = inOrder(partsOf(listFragments(data, span)), concurrency, (infos, signal) =>
    readPart(infos, { data, span, logger }, signal),
  );
  return fragmentsOf(parts, (missing) => {
    if (onMissing === undefined) throw notGiven(span.streamName, missing);
    onMissing(missing);
  });
}

async function* fragmentsOf(
  parts: AsyncIterable<readonly (ArchivedFragment | MissingFragment)[]>,
  onMissing: (missing: MissingFragment) => void,
): AsyncGenerator<ArchivedFragment, void, undefined> {
  for await (const part of parts) {
    for (const item of part) {
      if (item instanceof ArchivedFragment) yield item;
      else onMissing(item);
    }
  }
}

/** Groups fragments so that none of the groups is too large, unless it is a single one. */
async function* partsOf(
  infos: AsyncIterable<FragmentInfo>,
): AsyncGenerator<FragmentInfo[], void, undefined> {
  let part: FragmentInfo[] = [];
  let bytes = 0;
  for await (const info of infos) {
    const isFull = part.length >= PART_FRAGMENTS || bytes + info.size > PART_BYTES;
    if (isFull && part.length > 0) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(info);
    bytes += info.size;
  }
  if (part.length > 0) yield part;
}

function notGiven(streamName: string, { info, error }: MissingFragment): KinesisVideoError {
  const { fragmentNumber } = info;
  const reason = error === undefined ? '' : ` (error ${error.id ?? ''} ${error.message})`;
  const advice = 'pass onMissing to go on without it';
  return new KinesisVideoError(
    'STATUS_NOT_FOUND',
    `Fragment ${fragmentNumber} of stream "${streamName}" is listed but was not given${reason}: ${advice}.`,
    { values: { streamName, fragmentNumber }, advice },
  );
}
