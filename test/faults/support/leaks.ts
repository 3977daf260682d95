/** What a row must give back: handles of the process and memory of the core. */
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { binding } from '../../../ts/internal/binding.js';

/** How long (ms) sockets and timers have to go away. */
const PATIENCE = 3000;

/** What there is at one moment, to be compared with later. */
export class Leaks {
  readonly #resources = resources();
  readonly #native = binding().allocatedBytes();

  static now(): Leaks {
    return new Leaks();
  }

  /** What there is now that was not there before, in words. */
  async find(): Promise<string[]> {
    const deadline = performance.now() + PATIENCE;
    let extra: string[];
    do {
      await sleep(20);
      extra = more(this.#resources, resources());
    } while (extra.length > 0 && performance.now() < deadline);
    const native = binding().allocatedBytes() - this.#native;
    return [
      ...(extra.length > 0 ? [`left behind: ${extra.join(', ')}${openSockets()}`] : []),
      ...(native !== 0 ? [`left ${native} bytes of native memory behind`] : []),
    ];
  }
}

function resources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function more(before: Map<string, number>, after: Map<string, number>): string[] {
  return [...after]
    .map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`);
}

/** The sockets that are open, for finding out whose they are. */
function openSockets(): string {
  const { _getActiveHandles: handles } = process as { _getActiveHandles?: () => unknown[] };
  const sockets = (handles?.call(process) ?? []).filter((handle) => handle instanceof Socket);
  return sockets
    .map(
      ({ localPort, remotePort, connecting, destroyed, readableEnded, writableEnded }) =>
        ` (${String(localPort)} to ${String(remotePort)} ${JSON.stringify({ connecting, destroyed, readableEnded, writableEnded })})`,
    )
    .join('');
}
