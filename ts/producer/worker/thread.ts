import { join } from 'node:path';
import {
  MessageChannel,
  receiveMessageOnPort,
  SHARE_ENV,
  Worker,
  type MessagePort,
  type WorkerOptions,
} from 'node:worker_threads';
import { packageRoot } from '../../internal/package-root.js';
import type { FromWorker, ToWorker } from './messages.js';

/** How long (ms) a thread that is told to end may take for it. */
const END_GRACE = 1000;

/** Whom a thread tells what. */
export interface ThreadListener {
  readonly onMessage: (message: FromWorker) => void;
  /** The thread has ended, with the error if it failed. Nothing is told after this. */
  readonly onEnd: (error: unknown) => void;
}

/** The thread in which the connections of a client run, and the way to it. */
export class Thread {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #listener: ThreadListener;
  #isOver = false;
  #error: unknown;

  constructor(listener: ThreadListener) {
    this.#listener = listener;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = startWorker({
      name: 'kinesis-video',
      env: SHARE_ENV,
      workerData: { port: port2 },
      transferList: [port2],
    });
    port1.on('message', (message: FromWorker) => {
      if (!this.#isOver) listener.onMessage(message);
    });
    // The worker alone keeps the process alive, or does not.
    port1.unref();
    this.#worker.on('error', (error) => {
      this.#error = error;
    });
    this.#worker.on('exit', () => {
      this.#end();
    });
  }

  /** Posts a message; it is lost when the thread has ended. */
  post(message: ToWorker): void {
    this.#port.postMessage(message);
  }

  /** Takes what the thread has posted so far, without waiting for the event loop. */
  receive(): void {
    for (;;) {
      const received: { message: unknown } | undefined = this.#isOver
        ? undefined
        : receiveMessageOnPort(this.#port);
      if (received === undefined) return;
      this.#listener.onMessage(received.message as FromWorker);
    }
  }

  /** Sets whether the thread keeps the process alive. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#worker.ref();
    else this.#worker.unref();
  }

  /** Has the thread end; `onEnd` is not called any more. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.post({ type: 'close' });
    this.#worker.unref();
    const timer = setTimeout(() => void this.#worker.terminate(), END_GRACE);
    timer.unref();
    this.#worker.once('exit', () => {
      clearTimeout(timer);
      this.#port.close();
    });
  }

  #end(): void {
    if (this.#isOver) return;
    this.receive();
    this.#isOver = true;
    this.#port.close();
    this.#listener.onEnd(this.#error);
  }
}

function startWorker(options: WorkerOptions): Worker {
  if (import.meta.url.endsWith('.js')) {
    return new Worker(join(packageRoot(), 'dist/producer/worker/worker.js'), options);
  }
  // From source, as tests run it: what compiles TypeScript is loaded first.
  const entry = JSON.stringify(new URL('./worker.ts', import.meta.url).href);
  const loader = `import('tsx/esm/api').then(({ register }) => (register(), import(${entry})));`;
  return new Worker(loader, { ...options, eval: true });
}
