import type { KinesisVideoError } from '../internal/errors.js';
import { warnProcess } from '../internal/process-warning.js';

/** Milliseconds between two warnings. */
const INTERVAL = 60_000;

/**
 * Tells of lost connections in a program that has neither a logger nor a listener for them: an
 * upload that tries for hours is not to look like one that works. One warning of the process a
 * minute, for all streams of a client together.
 */
export class OutageNotice {
  #last = -Infinity;

  /** Takes a lost connection that nobody else is told of. */
  tell(streamName: string, error: KinesisVideoError): void {
    const now = performance.now();
    if (now - this.#last < INTERVAL) return;
    this.#last = now;
    warnProcess(
      `Stream "${streamName}" has no connection and tries again: ${error.message} ` +
        "Listen for 'disconnected', or pass a logger, to get all of these instead of this warning.",
      error.code,
    );
  }
}
