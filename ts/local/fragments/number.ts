/**
 * Fragment numbers: 47 decimal digits, `2^156 + sequence * 2^92 + time * 2^28 + random`. The form
 * is what the service was seen to use; clients treat it as opaque text that ascends.
 */
import { randomInt } from 'node:crypto';

const BASE = 1n << 156n;
const SEQUENCE_SHIFT = 92n;
const TIME_SHIFT = 28n;
const RANDOM_LIMIT = 2 ** 28;
/** Each PutMedia session takes its sequences from blocks of this many, beginning with a fresh block. */
const SEQUENCE_BLOCK = 1000;

/** What a fragment number may look like in a request. */
export const FRAGMENT_NUMBER_RULE = { min: 1, max: 128, pattern: /^[0-9]+$/ };

/** Makes the number of the fragment that is `sequence`th and arrives at `time`, in epoch ms. */
export function makeFragmentNumber(sequence: number, time: number): string {
  const place = (BigInt(sequence) << SEQUENCE_SHIFT) | (BigInt(Math.trunc(time)) << TIME_SHIFT);
  return String(BASE + place + BigInt(randomInt(RANDOM_LIMIT)));
}

/** The sequence of a number; below 1 for one that was not made here. */
export function sequenceOf(number: string): bigint {
  return (BigInt(number) - BASE) >> SEQUENCE_SHIFT;
}

/** When the fragment of a number that was made here arrived, in epoch ms. */
export function timeOf(number: string): number {
  const place = (BigInt(number) - BASE) & ((1n << SEQUENCE_SHIFT) - 1n);
  return Number(place >> TIME_SHIFT);
}

/** The last sequence of the block that holds `sequence`; blocks begin at 1. */
export function endOfSequenceBlock(sequence: number): number {
  return Math.ceil(sequence / SEQUENCE_BLOCK) * SEQUENCE_BLOCK;
}
