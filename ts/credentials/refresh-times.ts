/** When credentials are renewed. All times are in milliseconds. */
import { exponentialWait } from '../internal/backoff.js';

/** The share of their life by which credentials are renewed early; the random part spreads a fleet. */
const EARLY = { least: 0.1, random: 0.1 };
const MAX_EARLY = 600_000;

/** How long credentials that live for `life` count as new. */
const NEW = { share: 1 / 8, cap: 4000 };

/** Growth of the pauses after failures. */
export interface Pauses {
  readonly first: number;
  readonly cap: number;
}

/**
 * How long to wait before credentials that live for `life` are renewed: until somewhat before the
 * `grace` in which callers wait for new ones, but a quarter of their life at least.
 */
export function untilRefresh(life: number, grace: number, random: number): number {
  if (life === Infinity) return Infinity;
  const early = Math.min(life * (EARLY.least + EARLY.random * random), MAX_EARLY);
  return Math.max(life / 4, life - grace - early);
}

/** How long new credentials are used without a look at what they have left. */
export function newFor(life: number): number {
  return Math.min(life * NEW.share, NEW.cap);
}

/** A pause that doubles with each failure (from 1) up to a cap, of which a random part is taken. */
export function fullJitter(failures: number, pauses: Pauses, random: number): number {
  return random * exponentialWait(failures - 1, pauses.first, pauses.cap);
}
