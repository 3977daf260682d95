/** Times and sizes for people. */
import type { LoggedFragment } from '../../media/fragment-log.js';

const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
/** The last time of a Date, in epoch ms. */
const LATEST = 8.64e15;
const CLOCK = new Intl.DateTimeFormat(undefined, TIME);
const EXACT = new Intl.DateTimeFormat(undefined, { ...TIME, fractionalSecondDigits: 3 });

/** The time of day. */
export function clockTime(time: number): string {
  return format(CLOCK, time);
}

/** The time of day to the millisecond. */
export function exactTime(time: number): string {
  return format(EXACT, time);
}

/** A producer can send a time that is beyond what a Date holds. */
function format(clock: Intl.DateTimeFormat, time: number): string {
  return Math.abs(time) <= LATEST ? clock.format(time) : '?';
}

/** A duration in seconds. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

/** A number of bytes. */
export function size(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
}

/** A fragment in a sentence, for those who do not see its bar. */
export function describeFragment({
  start,
  duration,
  bytes,
  isWhole,
  acks,
}: LoggedFragment): string {
  const last = acks.at(-1);
  const state = last === undefined ? '' : `, ${last.type.toLowerCase()}`;
  return `${clockTime(start)}, ${seconds(duration)}, ${size(bytes)}${isWhole ? '' : ', arriving'}${state}`;
}
