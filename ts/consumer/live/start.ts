import type { StartSelector } from '@aws-sdk/client-kinesis-video-media';
import { expected, string, type Check } from '../../internal/options.js';
import { fragmentNumber, timestamp, type Timestamp } from '../checks.js';

/**
 * Where reading begins: with the oldest fragment that is held, the newest one, the one behind a
 * fragment or a continuation token, or the one that holds a time.
 */
export type MediaStart =
  | 'earliest'
  | 'now'
  | { readonly afterFragment: string }
  | { readonly continuationToken: string }
  | { readonly serverTimestamp: Timestamp }
  | { readonly producerTimestamp: Timestamp };

const token = string('a continuation token', (text) => /^[a-zA-Z0-9_.-]{1,128}$/.test(text));

const MEMBERS: Readonly<Record<string, (value: unknown, name: string) => StartSelector>> = {
  afterFragment: (value, name) => ({
    StartSelectorType: 'FRAGMENT_NUMBER',
    AfterFragmentNumber: fragmentNumber(value, name),
  }),
  continuationToken: (value, name) => ({
    StartSelectorType: 'CONTINUATION_TOKEN',
    ContinuationToken: token(value, name),
  }),
  serverTimestamp: (value, name) => ({
    StartSelectorType: 'SERVER_TIMESTAMP',
    StartTimestamp: timestamp(value, name),
  }),
  producerTimestamp: (value, name) => ({
    StartSelectorType: 'PRODUCER_TIMESTAMP',
    StartTimestamp: timestamp(value, name),
  }),
};

/** Checks a start and returns it as the service takes it. */
export const startSelector: Check<StartSelector> = (value, name) => {
  if (value === 'earliest') return { StartSelectorType: 'EARLIEST' };
  if (value === 'now') return { StartSelectorType: 'NOW' };
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const [entry] = entries;
  const read = entry && Object.hasOwn(MEMBERS, entry[0]) ? MEMBERS[entry[0]] : undefined;
  if (entry === undefined || read === undefined || entries.length > 1) {
    const members = Object.keys(MEMBERS).join(', ');
    throw expected(`'earliest', 'now' or an object with one of ${members}`, name, value);
  }
  return read(entry[1], `${name}.${entry[0]}`);
};
