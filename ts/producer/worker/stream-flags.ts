/** Cells of the shared memory. */
const Cell = { INBOX: 0, GROWING: 1, IDLE: 2, CLOSED: 3, COUNT: 4 } as const;

/** In the inbox, beside the signals of the core: frames were put. */
export const FRAMES_PUT = 1 << 16;

/**
 * What the two threads of a stream know at any moment, in memory that they share, so that a frame
 * costs no message of its own.
 */
export class StreamFlags {
  readonly buffer: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(buffer = new SharedArrayBuffer(Cell.COUNT * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#cells = new Int32Array(buffer);
  }

  /** Leaves bits for the worker. True when it has to be told, since nothing was there. */
  leave(bits: number): boolean {
    return Atomics.or(this.#cells, Cell.INBOX, bits) === 0;
  }

  /** Takes the bits that were left. */
  take(): number {
    return Atomics.exchange(this.#cells, Cell.INBOX, 0);
  }

  /** The latest fragment may get more frames. */
  get isGrowing(): boolean {
    return this.#get(Cell.GROWING);
  }

  set isGrowing(value: boolean) {
    this.#set(Cell.GROWING, value);
  }

  /** The engine rests, and wants to know of each frame: the core may not ask for it. */
  get isIdle(): boolean {
    return this.#get(Cell.IDLE);
  }

  set isIdle(value: boolean) {
    this.#set(Cell.IDLE, value);
  }

  /** The stream is closed: nothing is told any more. */
  get isClosed(): boolean {
    return this.#get(Cell.CLOSED);
  }

  close(): void {
    this.#set(Cell.CLOSED, true);
  }

  #get(cell: number): boolean {
    return Atomics.load(this.#cells, cell) !== 0;
  }

  #set(cell: number, value: boolean): void {
    Atomics.store(this.#cells, cell, value ? 1 : 0);
  }
}
