import { KinesisVideoError } from '../internal/errors.js';
import type { WaitOptions } from './limits.js';

interface Waiter {
  /** Tries again; true when the caller need not wait any longer. */
  readonly attempt: () => boolean;
  readonly reject: (reason: unknown) => void;
}

/** Callers that wait for room in the store, served in the order in which they came. */
export class RoomQueue {
  readonly #waiters = new Set<Waiter>();
  #waking = false;

  /** Whether somebody waits, so that newcomers must line up. */
  get isEmpty(): boolean {
    return this.#waiters.size === 0;
  }

  /**
   * Resolves once `attempt` has returned true. Rejects with what it throws, with the signal's reason,
   * with STATUS_OPERATION_TIMED_OUT, or with what `rejectAll` is given.
   */
  wait(attempt: () => boolean, { signal, timeout }: WaitOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(waiter);
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const giveUp = (reason: unknown): void => {
        leave();
        // The reason of a signal may be anything.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        reject(reason);
      };
      const waiter: Waiter = {
        attempt: () => {
          try {
            if (!attempt()) return false;
            leave();
            resolve();
          } catch (error) {
            giveUp(error);
          }
          return true;
        },
        reject: giveUp,
      };
      const onAbort = (): void => {
        giveUp(signal?.reason);
      };
      const timer =
        timeout === undefined
          ? undefined
          : setTimeout(() => {
              giveUp(timedOut(timeout));
            }, timeout);
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Lets waiters try again, the first ones first, until one of them still finds no room. */
  wake(): void {
    // A frame that is taken may wake other queues, and they this one again.
    if (this.#waking) return;
    this.#waking = true;
    for (const waiter of this.#waiters) if (!waiter.attempt()) break;
    this.#waking = false;
  }

  /** Ends all waits with an error. */
  rejectAll(error: KinesisVideoError): void {
    for (const waiter of this.#waiters) waiter.reject(error);
  }
}

/**
 * Lets those try again who wait for room in a store that several streams share, of which each one's
 * part of the core knows nothing about the others.
 *
 * @param first - whose callers come first, since it was their stream that made the room
 */
export function wakeAll(rooms: Iterable<RoomQueue>, first?: RoomQueue): void {
  first?.wake();
  for (const room of rooms) if (room !== first) room.wake();
}

function timedOut(timeout: number): KinesisVideoError {
  const advice = 'check the network, allow more time, or raise storageSize and highWaterMark';
  return new KinesisVideoError(
    'STATUS_OPERATION_TIMED_OUT',
    `There was no room for the frame within ${timeout} ms, in the store or below highWaterMark: ${advice}.`,
    { values: { timeout }, advice, retryable: true },
  );
}
