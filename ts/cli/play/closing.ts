/** What is to be done at the end, last to first. */
export class Closing {
  readonly #steps: (() => unknown)[] = [];

  /** Adds a step; each is done whatever becomes of the others. */
  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** Does them all. Rejects with the first failure. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
