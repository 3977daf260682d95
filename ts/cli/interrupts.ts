/** The reason of the signals of `Interrupts`. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';

  constructor() {
    super('The command was interrupted');
  }
}

/** Exit status of a command that was interrupted before it had done its work. */
export const INTERRUPTED_STATUS = 130;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Ctrl-C and SIGTERM. The first one asks to finish with what there is, a second one to stop at
 * once. After `dispose` they end the process as usual.
 */
export class Interrupts {
  readonly #finish = new AbortController();
  readonly #abort = new AbortController();

  constructor() {
    for (const name of SIGNALS) process.on(name, this.#onSignal);
  }

  /** Aborted by the first interrupt. */
  get finish(): AbortSignal {
    return this.#finish.signal;
  }

  /** Aborted by the second one. */
  get abort(): AbortSignal {
    return this.#abort.signal;
  }

  /** Leaves the signals to others again. */
  dispose(): void {
    for (const name of SIGNALS) process.off(name, this.#onSignal);
  }

  readonly #onSignal = (): void => {
    const stage = this.#finish.signal.aborted ? this.#abort : this.#finish;
    stage.abort(new InterruptedError());
  };
}
