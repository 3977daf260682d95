import { invalidArgument } from '../exceptions.js';
import type { FragmentEntry } from '../fragments/entry.js';
import { FRAGMENT_NUMBER_RULE, sequenceOf, timeOf } from '../fragments/number.js';
import type { FragmentStore } from '../fragments/store.js';
import type { Input } from '../input.js';
import type { LocalStream } from '../streams/stream.js';

/** Where a GetMedia begins. */
export interface StartPosition {
  /** The first fragment is behind this number; '' stands for the oldest. */
  readonly after: string;
  /** Fragments that are passed over, for a start that has not come yet. */
  readonly skips?: (fragment: TimedFragment) => boolean;
}

/** The times of a fragment, which can still be growing. */
type TimedFragment = Pick<FragmentEntry, 'serverTimestamp' | 'producerTimestamp' | 'duration'>;

const SELECTOR_TYPES = [
  'NOW',
  'EARLIEST',
  'FRAGMENT_NUMBER',
  'SERVER_TIMESTAMP',
  'PRODUCER_TIMESTAMP',
  'CONTINUATION_TOKEN',
] as const;
const TOKEN_RULE = { min: 1, max: 128, pattern: /^[a-zA-Z0-9_.-]+$/ };

/** Reads the start selector of a GetMedia request. Throws InvalidArgumentException. */
export function readStartSelector(selector: Input, stream: LocalStream): StartPosition {
  const { fragments } = stream;
  const name = 'StartSelectorType';
  const type = selector.required(name, selector.choice(name, SELECTOR_TYPES));
  switch (type) {
    case 'NOW':
      return { after: beforeLatest(fragments) };
    case 'EARLIEST':
      return { after: '' };
    case 'FRAGMENT_NUMBER': {
      const member = 'AfterFragmentNumber';
      const number = selector.required(member, selector.text(member, FRAGMENT_NUMBER_RULE));
      if (isOlder(number, stream)) {
        throw invalidArgument(`Value '${number}' at '${member}' is not a fragment of this stream`);
      }
      return { after: number };
    }
    case 'CONTINUATION_TOKEN':
      return { after: readToken(selector, stream) };
    case 'SERVER_TIMESTAMP':
      return fromTime(readTime(selector), fragments, (entry) => entry.serverTimestamp);
    case 'PRODUCER_TIMESTAMP':
      return fromTime(readTime(selector), fragments, (entry) => entry.producerTimestamp);
  }
}

/** The number in front of the latest fragment, which is the one that is arriving if there is one. */
function beforeLatest({ entries, live }: FragmentStore): string {
  const numbers = [...entries.slice(-2), ...live].map(({ number }) => number);
  return numbers.at(-2) ?? '';
}

/**
 * A token is the number of the fragment that carried it, which may have been dropped since. One of
 * another stream, or of a stream before of the same name, is refused where it can be told: going on
 * behind it could leave fragments out, or wait for ever.
 */
function readToken(selector: Input, stream: LocalStream): string {
  const { fragments, record } = stream;
  const member = 'ContinuationToken';
  const token = selector.required(member, selector.text(member, TOKEN_RULE));
  const sequence = FRAGMENT_NUMBER_RULE.pattern.test(token) ? sequenceOf(token) : 0n;
  const wasGiven = sequence >= 1n && sequence <= record.reservedSequence;
  if (!wasGiven || isOlder(token, stream) || isMissingBetween(fragments, token)) {
    throw invalidArgument(`Value '${token}' at '${member}' is not a token of this stream`);
  }
  return token;
}

/** Whether a number was made before the stream was, whose numbers may not have come so far yet. */
function isOlder(number: string, { record }: LocalStream): boolean {
  const sequence = sequenceOf(number);
  const isMadeHere = sequence >= 1n && sequence <= BigInt(Number.MAX_SAFE_INTEGER);
  return isMadeHere && timeOf(number) < record.creationTime;
}

/** Whether there are fragments on both sides of `number`, but none of that number. */
function isMissingBetween(fragments: FragmentStore, number: string): boolean {
  const [oldest] = fragments.entries;
  const next = fragments.after(number);
  if (oldest === undefined || next === undefined || next === oldest) return false;
  return fragments.find(number) === undefined;
}

function readTime(selector: Input): number {
  const member = 'StartTimestamp';
  return selector.required(member, selector.timestamp(member));
}

/** Begins with the fragment that holds `time`, or else the first one behind it. */
function fromTime(
  time: number,
  { entries }: FragmentStore,
  startOf: (fragment: TimedFragment) => number,
): StartPosition {
  const skips = (fragment: TimedFragment): boolean => {
    const start = startOf(fragment);
    return start + fragment.duration <= time && start !== time;
  };
  const first = entries.findIndex((entry) => !skips(entry));
  const before = first < 0 ? entries.at(-1) : entries[first - 1];
  return { after: before?.number ?? '', skips };
}
