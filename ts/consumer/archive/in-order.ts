/**
 * Does work on items several at a time, and gives out the results in the order of the items. No more is
 * begun than `limit` results ahead of what was taken. When the iteration is left or fails, the signal of
 * what is being done is aborted.
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  limit: number,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const stop = new AbortController();
  const begun: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const result = work(item, stop.signal);
      // Its failure is told in its turn.
      result.catch(() => undefined);
      begun.push(result);
      const [first] = begun;
      if (begun.length < limit || first === undefined) continue;
      yield await first;
      void begun.shift();
    }
    while (begun.length > 0) {
      yield (await begun[0]) as R;
      void begun.shift();
    }
  } finally {
    stop.abort(new Error('the reading was left'));
  }
}
