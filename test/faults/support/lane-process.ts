/** The runner's side of a lane: a process that runs rows one after the other. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LaneReport } from '../lane.js';
import { Namespace } from './namespace.js';
import { titleOf, type FaultRow, type Outcome } from './row.js';
import type { Transport } from './world.js';

const PROGRAM = fileURLToPath(new URL('../lane.ts', import.meta.url));
/** A row that takes longer than this (ms) has hung. */
const ROW_TIMEOUT = 120_000;

/** One lane. After a row that killed it the next one gets a new process. */
export class Lane {
  readonly #transport: Transport;
  readonly #namespace: Namespace | undefined;
  #process: ChildProcess | undefined;
  /** What the processes have written. */
  output = '';
  /** Memory after each row. */
  readonly reports: LaneReport[] = [];

  private constructor(transport: Transport, namespace: Namespace | undefined) {
    this.#transport = transport;
    this.#namespace = namespace;
  }

  /** Makes a lane; `isolated` ones have a network namespace of their own. */
  static async open(transport: Transport, isolated: boolean): Promise<Lane> {
    return new Lane(transport, isolated ? await Namespace.create() : undefined);
  }

  /** Runs one row. Never rejects. */
  async run(row: FaultRow): Promise<Outcome> {
    const began = performance.now();
    const failed = (problem: string): Outcome => ({
      title: titleOf(row),
      recovery: undefined,
      accepted: 0,
      persisted: 0,
      dropped: 0,
      problems: [problem],
      took: performance.now() - began,
    });
    const lane = await this.#start();
    const timer = setTimeout(() => lane.kill('SIGKILL'), ROW_TIMEOUT);
    const abort = new AbortController();
    const { signal } = abort;
    const gone = once(lane, 'exit', { signal }).then(([code, killer]) => {
      this.#process = undefined;
      const ending = killer === null ? `status ${String(code)}` : String(killer);
      return failed(`the process ended with ${ending}: ${this.output.slice(-2000)}`);
    });
    const report = once(lane, 'message', { signal }).then(([message]) => {
      this.reports.push(message as LaneReport);
      return (message as LaneReport).outcome;
    });
    // Whichever comes second is not waited for.
    gone.catch(() => undefined);
    report.catch(() => undefined);
    lane.send(titleOf(row));
    const outcome = await Promise.race([report, gone]);
    clearTimeout(timer);
    abort.abort();
    return outcome;
  }

  /** Ends the process and the namespace. */
  async close(): Promise<void> {
    const lane = this.#process;
    this.#process = undefined;
    if (lane !== undefined) {
      const gone = once(lane, 'exit');
      lane.disconnect();
      lane.kill('SIGKILL');
      await gone;
    }
    await this.#namespace?.remove();
  }

  async #start(): Promise<ChildProcess> {
    if (this.#process !== undefined) return this.#process;
    const node = [process.execPath, '--expose-gc', '--no-warnings', '--import', 'tsx', PROGRAM];
    const words = [...(this.#namespace?.prefix ?? []), ...node, this.#transport];
    const lane = spawn(words[0] ?? '', words.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const collect = (chunk: Buffer): void => {
      this.output += chunk.toString();
    };
    lane.stdout?.on('data', collect);
    lane.stderr?.on('data', collect);
    this.#process = lane;
    await once(lane, 'message');
    return lane;
  }
}
