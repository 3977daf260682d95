/** Rejects with a sentence when `work` has not settled after `timeout` milliseconds. */
export async function within<T>(timeout: number, what: string, work: () => T): Promise<Awaited<T>> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    // The timer is what keeps the process alive: a promise alone does not, and the process would
    // leave with the test unfinished.
    timer = setTimeout(() => {
      reject(new Error(`${what} did not finish within ${timeout} ms`));
    }, timeout);
  });
  try {
    return await Promise.race([(async () => await work())(), expired]);
  } finally {
    clearTimeout(timer);
  }
}
