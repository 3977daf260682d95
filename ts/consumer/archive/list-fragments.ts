import type { Fragment } from '@aws-sdk/client-kinesis-video-archived-media';
import { oneOf, optional, resolveOptions, type Check } from '../../internal/options.js';
import { compareFragmentNumbers } from '../../parser/fragment-number.js';
import {
  checkOrder,
  signal,
  streamName,
  timestamp,
  type FragmentSelectorType,
  type StreamCallOptions,
  type TimeRange,
} from '../checks.js';
import type { DataPlane } from '../data-plane.js';

/** Which fragments to list. */
export interface ListFragmentsOptions extends StreamCallOptions, TimeRange {}

/** A fragment that the service keeps. Times are milliseconds since the epoch. */
export interface FragmentInfo {
  /** The service's number, ascending in a stream. */
  readonly fragmentNumber: string;
  /** When the service received it. */
  readonly serverTimestamp: number;
  /** When it begins by the clock of the producer. */
  readonly producerTimestamp: number;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds. */
  readonly duration: number;
}

/** A span of time, checked. */
export interface Span {
  readonly streamName: string;
  readonly signal: AbortSignal | undefined;
  readonly by: FragmentSelectorType;
  /** Milliseconds since the epoch, both ends included. */
  readonly from: number;
  readonly to: number;
}

/** The checks of a range, for the table of a call that has more options. */
export const RANGE_SHAPE = {
  streamName,
  signal,
  startTimestamp: timestamp,
  endTimestamp: timestamp,
  fragmentSelectorType: optional(
    oneOf('SERVER_TIMESTAMP', 'PRODUCER_TIMESTAMP'),
    'SERVER_TIMESTAMP' as const,
  ),
} satisfies Record<keyof ListFragmentsOptions, Check<unknown>>;

const PAGE = 1000;
/** Descriptions that are held in memory; a range with more is divided. */
const MAX_HELD = 10_000;

/** @throws KinesisVideoError STATUS_INVALID_ARG */
export function resolveRange(options: ListFragmentsOptions): Span {
  return spanOf(resolveOptions('listFragments', RANGE_SHAPE, options));
}

/** A range whose members were checked. Throws when it ends before it begins. */
export function spanOf(range: {
  readonly streamName: string;
  readonly signal: AbortSignal | undefined;
  readonly startTimestamp: Date;
  readonly endTimestamp: Date;
  readonly fragmentSelectorType: FragmentSelectorType;
}): Span {
  const { startTimestamp, endTimestamp, fragmentSelectorType: by } = range;
  checkOrder(startTimestamp, endTimestamp);
  const { streamName: name, signal: stop } = range;
  const [from, to] = [startTimestamp.getTime(), endTimestamp.getTime()];
  return { streamName: name, signal: stop, by, from, to };
}

/**
 * Lists the fragments of a range in the order of their times. The service lists them in no order: a
 * range of which more come than shall be held is divided and listed once more.
 */
export async function* listFragments(
  data: DataPlane,
  span: Span,
): AsyncGenerator<FragmentInfo, void, undefined> {
  const held: FragmentInfo[] = [];
  let cut: number | undefined;
  for await (const page of pages(data, span)) {
    held.push(...page);
    if (held.length < MAX_HELD) continue;
    cut = middle(held, span);
    if (cut !== undefined) break;
  }
  if (cut !== undefined) {
    held.length = 0;
    yield* listFragments(data, { ...span, to: cut });
    yield* listFragments(data, { ...span, from: cut + 1 });
    return;
  }
  yield* held.sort((one, other) => {
    const order = timeOf(one, span) - timeOf(other, span);
    return order === 0 ? compareFragmentNumbers(one.fragmentNumber, other.fragmentNumber) : order;
  });
}

async function* pages(data: DataPlane, span: Span): AsyncGenerator<FragmentInfo[], void> {
  const call = {
    api: 'LIST_FRAGMENTS' as const,
    operation: 'ListFragments',
    streamName: span.streamName,
    signal: span.signal,
  };
  let token: string | undefined;
  do {
    const input = {
      StreamName: span.streamName,
      MaxResults: PAGE,
      ...(token === undefined ? { FragmentSelector: selectorOf(span) } : { NextToken: token }),
    };
    const answer = await data.archived(call, (sdk, client, send) =>
      client.send(new sdk.ListFragmentsCommand(input), send),
    );
    yield (answer.Fragments ?? []).map((fragment) => {
      const info = infoOf(fragment);
      if (info === undefined) throw data.malformed(call, 'FragmentNumber');
      return info;
    });
    token = answer.NextToken;
  } while (token);
}

function selectorOf({ by, from, to }: Span) {
  return {
    FragmentSelectorType: by,
    TimestampRange: { StartTimestamp: new Date(from), EndTimestamp: new Date(to) },
  };
}

function infoOf(fragment: Fragment): FragmentInfo | undefined {
  const { FragmentNumber, ProducerTimestamp, ServerTimestamp } = fragment;
  if (FragmentNumber === undefined || !/^\d+$/.test(FragmentNumber)) return undefined;
  return {
    fragmentNumber: FragmentNumber,
    serverTimestamp: ServerTimestamp?.getTime() ?? 0,
    producerTimestamp: ProducerTimestamp?.getTime() ?? 0,
    size: fragment.FragmentSizeInBytes ?? 0,
    duration: fragment.FragmentLengthInMilliseconds ?? 0,
  };
}

function timeOf(info: FragmentInfo, { by }: Span): number {
  return by === 'SERVER_TIMESTAMP' ? info.serverTimestamp : info.producerTimestamp;
}

/** A time that halves what is held; undefined when the range cannot be divided. */
function middle(held: readonly FragmentInfo[], span: Span): number | undefined {
  const known = held.map((info) => timeOf(info, span)).filter((time) => !Number.isNaN(time));
  const times = known.sort((one, other) => one - other);
  const median = times[Math.floor(times.length / 2)] ?? span.to;
  const cut = Math.min(Math.max(median, span.from), span.to - 1);
  return cut < span.from ? undefined : cut;
}
