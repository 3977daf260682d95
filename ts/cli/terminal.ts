import { inspect } from 'node:util';

/**
 * What is for people goes to the standard error: sentences that stay and, on a terminal, one line
 * that is written over again and again.
 */
export class Terminal {
  readonly #stream: NodeJS.WriteStream;
  #status = '';

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
    // Without anybody to tell, the work goes on.
    stream.on('error', () => undefined);
  }

  /** Whether somebody watches, so that a line can be written over. */
  get isInteractive(): boolean {
    return this.#stream.isTTY;
  }

  /** Shows a line until the next one, cut to the width of the terminal. */
  show(text: string): void {
    this.#status = text.slice(0, Math.max(1, (this.#stream.columns || 80) - 1));
    this.#stream.write(`\r\u001b[2K${this.#status}`);
  }

  /** Writes a line that stays. */
  line(text: string): void {
    const status = this.#status;
    this.clear();
    this.#stream.write(`${text}\n`);
    if (status !== '') this.show(status);
  }

  /** Writes an error as one sentence; with KVS_DEBUG=1 also where it comes from. */
  error(error: unknown): void {
    this.line(`kvs: ${error instanceof Error ? error.message : String(error)}`);
    if (process.env['KVS_DEBUG'] === '1') this.line(inspect(error));
  }

  /** Removes the line of `show`. */
  clear(): void {
    if (this.#status !== '') this.#stream.write('\r\u001b[2K');
    this.#status = '';
  }
}
