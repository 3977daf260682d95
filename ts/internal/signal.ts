/** Helpers that make promises obey an AbortSignal: reject with its reason, leave no listener. */

/** Waits `milliseconds`; rejects at once with the signal's reason when it is or gets aborted. */
export async function delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  try {
    await abortable(elapsed, signal);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Settles as `work` does, or rejects with the signal's reason when it is or gets aborted first.
 * The work itself goes on; its late result or error is dropped.
 */
export function abortable<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      // The reason is whatever the caller aborted with; wrapping it would hide it from them.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      reject(signal.reason);
    };
    const leave = (): void => {
      signal.removeEventListener('abort', onAbort);
    };
    work
      .then(resolve, reject)
      .finally(leave)
      .catch(() => undefined);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * A signal that is aborted as soon as one of `signals` is, with its reason. Call `release` when the
 * work is over: unlike `AbortSignal.any`, nothing then stays attached to a signal that lives on.
 */
export function mergeSignals(...signals: readonly (AbortSignal | undefined)[]): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const merged = new AbortController();
  const listeners = signals.flatMap((signal) => {
    if (signal === undefined) return [];
    const onAbort = (): void => {
      merged.abort(signal.reason);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    return [{ signal, onAbort }];
  });
  const release = (): void => {
    for (const { signal, onAbort } of listeners) signal.removeEventListener('abort', onAbort);
  };
  return { signal: merged.signal, release };
}
