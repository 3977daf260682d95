/** A stream of the web, as far as it is needed: that of a response of `fetch`, for example. */
export interface ReadableByteStream {
  /** Locks the stream and reads it. */
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

/**
 * Where bytes come from: a stream of Node.js or of the web, any other iterable of chunks, or all of
 * them at once. Chunks must not be written to once they were given.
 */
export type ByteSource =
  Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array> | ReadableByteStream;

/**
 * The chunks of a source, one after another as they are asked for. When the iteration is left, the
 * source is closed. Rejects with what the source rejects with, or with the signal's reason.
 */
export async function* chunksOf(
  source: ByteSource,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  signal?.throwIfAborted();
  const iterator = iteratorOf(source);
  let isOver = false;
  try {
    for (;;) {
      const next = await abortable(iterator.next(), signal);
      isOver = next.done === true;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // A source that waits for bytes answers only when they come; whoever leaves does not wait so long.
    if (!isOver) iterator.return?.().then(undefined, () => undefined);
  }
}

const PART_BYTES = 256 * 1024;

type ChunkIterator = AsyncIterator<Uint8Array, unknown>;

function iteratorOf(source: ByteSource): ChunkIterator {
  if (source instanceof Uint8Array) return fromSync(partsOf(source));
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  return Symbol.iterator in source ? fromSync(source) : fromReader(source);
}

/** Parts of what is in memory as a whole, so that what is made of it is not, too. */
function* partsOf(bytes: Uint8Array): Generator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += PART_BYTES) yield bytes.subarray(at, at + PART_BYTES);
}

async function* fromSync(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  yield* chunks;
}

function fromReader(stream: ReadableByteStream): ChunkIterator {
  const reader = stream.getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done || value === undefined ? { done: true, value: undefined } : { done, value };
    },
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

/** Settles as `work` does, or rejects with the signal's reason when it gets aborted first. */
async function abortable<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return work;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      // The reason is whatever the caller aborted with; wrapping it would hide it from them.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      reject(signal.reason);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
    work.catch(() => undefined);
  }
}
