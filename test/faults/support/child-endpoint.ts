/** An endpoint in a process of its own, which can be killed, suspended and started again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LocalKinesisVideoOptions } from '../../../ts/local/index.js';

const PROGRAM = fileURLToPath(new URL('endpoint-program.ts', import.meta.url));

/** A running endpoint. Started again it has the same port and the same data. */
export class ChildEndpoint {
  #options: LocalKinesisVideoOptions;
  #process: ChildProcess | undefined;
  #endpoint = '';

  private constructor(options: LocalKinesisVideoOptions) {
    this.#options = options;
  }

  static async start(options: LocalKinesisVideoOptions): Promise<ChildEndpoint> {
    const child = new ChildEndpoint(options);
    await child.start();
    return child;
  }

  get endpoint(): string {
    return this.#endpoint;
  }

  /** Starts the process unless it runs. */
  async start(): Promise<void> {
    if (this.#process !== undefined) return;
    const args = ['--import', 'tsx', PROGRAM, JSON.stringify(this.#options)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    this.#endpoint = said.toString().trim();
    this.#options = { ...this.#options, port: Number(new URL(this.#endpoint).port) };
  }

  /** Suspends the process: its connections stay open and nobody reads them. */
  suspend(): void {
    this.#process?.kill('SIGSTOP');
  }

  /** Lets it go on. */
  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Kills the process as a power failure does. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    child.stdout?.destroy();
  }
}
