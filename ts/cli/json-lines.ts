/** Writes one JSON object a line to the standard output, for programs. */
export class JsonLines {
  readonly #isEnabled: boolean;

  constructor(isEnabled: boolean) {
    this.#isEnabled = isEnabled;
  }

  /** Writes an object, `type` first. */
  write(type: string, fields: object): void {
    if (this.#isEnabled && process.stdout.writable) {
      process.stdout.write(`${JSON.stringify({ type, ...fields })}\n`);
    }
  }
}
