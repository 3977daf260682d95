import { invalidArgument } from '../exceptions.js';
import type { FragmentEntry } from '../fragments/entry.js';
import type { Input } from '../input.js';
import { makeToken, page, readToken, streamOf } from './members.js';
import type { Operation } from './operation.js';

const MAX_RESULTS = 1000;
const NEXT_TOKEN = { min: 1, max: 4096, pattern: /^[a-zA-Z0-9+/]+={0,2}$/ };
const SELECTOR_TYPES = ['PRODUCER_TIMESTAMP', 'SERVER_TIMESTAMP'] as const;

/** What a request asks for: kept in its token, since a next page comes without selector. */
interface Selection {
  readonly by: (typeof SELECTOR_TYPES)[number];
  /** Epoch milliseconds, both ends included. */
  readonly from: number;
  readonly to: number;
  /** Token of the page within the selection. */
  readonly page?: string | undefined;
}

/** ListFragments: those whose start lies in a range of time. A stream without retention has none. */
export const listFragments: Operation = {
  path: '/listFragments',
  handle({ input, service }) {
    const stream = streamOf(input, service.streams);
    const size = input.integer('MaxResults', 1, MAX_RESULTS) ?? MAX_RESULTS;
    const selection = readSelection(input);
    stream.requireActive();
    stream.enforceRetention();
    service.quotas.spend('metadata', stream, size);

    const selected = stream.retains ? select(stream.fragments.entries, selection) : [];
    const { items, nextToken } = page(selected, ({ number }) => number, {
      size,
      token: selection.page,
    });
    return {
      Fragments: items.map(describe),
      NextToken: nextToken && makeToken(JSON.stringify({ ...selection, page: nextToken })),
    };
  },
};

function readSelection(input: Input): Selection {
  const token = input.text('NextToken', NEXT_TOKEN);
  if (token !== undefined) return parseToken(token);
  const selector = input.required('FragmentSelector', input.object('FragmentSelector'));
  const by = selector.required(
    'FragmentSelectorType',
    selector.choice('FragmentSelectorType', SELECTOR_TYPES),
  );
  const range = selector.required('TimestampRange', selector.object('TimestampRange'));
  const from = range.required('StartTimestamp', range.timestamp('StartTimestamp'));
  const to = range.required('EndTimestamp', range.timestamp('EndTimestamp'));
  if (to < from) {
    throw invalidArgument(`EndTimestamp ${to / 1000} is before StartTimestamp ${from / 1000}`);
  }
  return { by, from, to };
}

/** Throws InvalidArgumentException unless the token is one that a page before ended with. */
function parseToken(token: string): Selection {
  const selection = parseJson(readToken(token)) as Partial<Selection> | null | undefined;
  const { by, from, to, page: next } = selection ?? {};
  if (by === undefined || from === undefined || to === undefined || next === undefined) {
    throw invalidArgument(`Value '${token}' at 'NextToken' is not a token of this endpoint`);
  }
  return { by, from, to, page: next };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function select(entries: readonly FragmentEntry[], { by, from, to }: Selection): FragmentEntry[] {
  return entries.filter((entry) => {
    const start = by === 'SERVER_TIMESTAMP' ? entry.serverTimestamp : entry.producerTimestamp;
    return start >= from && start <= to;
  });
}

function describe(entry: FragmentEntry): object {
  return {
    FragmentNumber: entry.number,
    FragmentSizeInBytes: entry.size,
    ProducerTimestamp: entry.producerTimestamp / 1000,
    ServerTimestamp: entry.serverTimestamp / 1000,
    FragmentLengthInMilliseconds: Math.round(entry.duration),
  };
}
