import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SINK = fileURLToPath(new URL('sink.mjs', import.meta.url));

/**
 * Starts the sink as a process of its own.
 *
 * @param {'http' | 'https'} scheme
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function startSink(scheme) {
  const child = fork(SINK, [scheme]);
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`The sink ended with exit status ${code} before it listened`);
  });
  const [{ url }] = await Promise.race([once(child, 'message'), failed]);
  failed.catch(() => undefined);
  return { url, close: () => child.disconnect() };
}
