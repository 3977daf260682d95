import { invalidArgument } from '../exceptions.js';
import type { FragmentEntry } from '../fragments/entry.js';
import { FRAGMENT_NUMBER_RULE } from '../fragments/number.js';
import type { FragmentStore } from '../fragments/store.js';
import type { Input } from '../input.js';

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
export function readStartSelector(selector: Input, fragments: FragmentStore): StartPosition {
  const name = 'StartSelectorType';
  const type = selector.required(name, selector.choice(name, SELECTOR_TYPES));
  switch (type) {
    case 'NOW':
      return { after: beforeLatest(fragments) };
    case 'EARLIEST':
      return { after: '' };
    case 'FRAGMENT_NUMBER': {
      const member = 'AfterFragmentNumber';
      return { after: selector.required(member, selector.text(member, FRAGMENT_NUMBER_RULE)) };
    }
    case 'CONTINUATION_TOKEN':
      return { after: readToken(selector) };
    case 'SERVER_TIMESTAMP':
      return fromTime(readTime(selector), (entry) => entry.serverTimestamp);
    case 'PRODUCER_TIMESTAMP':
      return fromTime(readTime(selector), (entry) => entry.producerTimestamp);
  }
}

/** The number in front of the latest fragment, which is the one that is arriving if there is one. */
function beforeLatest({ entries, live }: FragmentStore): string {
  const numbers = [...entries.slice(-2), ...live].map(({ number }) => number);
  return numbers.at(-2) ?? '';
}

/** A token is the number of the fragment that carried it. */
function readToken(selector: Input): string {
  const member = 'ContinuationToken';
  const token = selector.required(member, selector.text(member, TOKEN_RULE));
  if (FRAGMENT_NUMBER_RULE.pattern.test(token)) return token;
  throw invalidArgument(`Value '${token}' at '${member}' is not a token of this endpoint`);
}

function readTime(selector: Input): number {
  const member = 'StartTimestamp';
  return selector.required(member, selector.timestamp(member));
}

/** Begins with the fragment that holds `time`, or else the first one behind it. */
function fromTime(time: number, startOf: (fragment: TimedFragment) => number): StartPosition {
  return {
    after: '',
    skips: (fragment) => {
      const start = startOf(fragment);
      return start + fragment.duration <= time && start !== time;
    },
  };
}
