import { once } from 'node:events';

/** Writes lines to the standard output, many at a time. */
export class LineWriter {
  /** Whether each line is a JSON object. */
  readonly isJson: boolean;
  #lines: string[] = [];
  #isDeserted = false;

  constructor(isJson: boolean) {
    this.isJson = isJson;
    // The standard output of a process forgets its errors, and is writable again after them.
    process.stdout.on('error', () => {
      this.#isDeserted = true;
    });
  }

  /** Whether nobody reads any more. */
  get isDeserted(): boolean {
    return this.#isDeserted || !process.stdout.writable;
  }

  /** Adds a line: the text, or else the object, `type` first. */
  add(text: string, type: string, fields: object): void {
    this.#lines.push(this.isJson ? JSON.stringify({ type, ...fields }, replaceBigint) : text);
  }

  /** Writes what was added; resolves when there is room for more. */
  async drain(): Promise<void> {
    if (this.#lines.length === 0) return;
    const text = `${this.#lines.join('\n')}\n`;
    this.#lines = [];
    if (this.isDeserted || process.stdout.write(text)) return;
    const change = Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')]);
    await change.catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
    });
  }
}

/** Whole numbers beyond 2^53 are texts in JSON. */
function replaceBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
