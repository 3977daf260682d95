import { setTimeout as sleep } from 'node:timers/promises';

/** Mebibytes that the process has in memory, once garbage is gone; needs --expose-gc. */
export async function residentMebibytes() {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc();
    await sleep(20);
  }
  return process.memoryUsage.rss() / 2 ** 20;
}
