import { formatBytes, formatPosition } from '../format.js';
import type { Terminal } from '../terminal.js';

/** What is shown about an upload under way. */
export interface ProgressState {
  readonly streamName: string;
  /** Milliseconds of media that were put. */
  readonly position: number;
  /** Milliseconds of all media, when known. */
  readonly duration: number | undefined;
  readonly fragments: number;
  readonly persistedFragments: number;
  readonly bytesSent: number;
  /** Bytes that were put and are not confirmed. */
  readonly bufferedBytes: number;
}

/** Milliseconds between two updates: of a line that is written over, and of lines in a log. */
const UPDATE_INTERVAL = 200;
const LOG_INTERVAL = 3000;
const BAR_WIDTH = 20;

/**
 * Shows how far an upload is: on a terminal in one line, otherwise, when asked to, in a line every
 * few seconds.
 */
export class Progress {
  readonly #terminal: Terminal;
  readonly #state: () => ProgressState;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #started = performance.now();

  constructor(terminal: Terminal, isVerbose: boolean, state: () => ProgressState) {
    this.#terminal = terminal;
    this.#state = state;
    const { isInteractive } = terminal;
    if (!isInteractive && !isVerbose) return;
    const interval = isInteractive ? UPDATE_INTERVAL : LOG_INTERVAL;
    this.#timer = setInterval(() => {
      if (isInteractive) terminal.show(this.#describe());
      else terminal.line(this.#describe());
    }, interval);
  }

  /** Stops showing. */
  stop(): void {
    clearInterval(this.#timer);
    this.#terminal.clear();
  }

  #describe(): string {
    const state = this.#state();
    const rate = state.bytesSent / ((performance.now() - this.#started) / 1000);
    return [
      state.streamName,
      positionOf(state),
      `fragments ${state.persistedFragments}/${state.fragments} persisted`,
      `${formatBytes(state.bytesSent)} sent`,
      `${formatBytes(rate)}/s`,
      `${formatBytes(state.bufferedBytes)} buffered`,
    ].join('  ');
  }
}

function positionOf({ position, duration }: ProgressState): string {
  if (duration === undefined || duration <= 0) return formatPosition(position);
  const part = Math.min(1, Math.max(0, position / duration));
  const filled = Math.round(part * BAR_WIDTH);
  const bar = '#'.repeat(filled) + '.'.repeat(BAR_WIDTH - filled);
  return `[${bar}] ${formatPosition(position)} / ${formatPosition(duration)}`;
}
