/** Where the upload runs: in a utility process, which is started again when it dies, or in this one. */
import { fileURLToPath } from 'node:url';
import { Pauses } from './pauses.js';

const PROGRAM = fileURLToPath(new URL('upload-process.js', import.meta.url));
/** Milliseconds for the process to end by itself; it gives what is buffered ten seconds. */
const PATIENCE = 15_000;

/** The upload in this process: the same interface, and one crash for both. */
export async function uploadHere(config, log) {
  const { connect } = await import('./kinesis.js');
  const { Uploader } = await import('./uploader.js');
  return new Uploader({ ...(await connect(config, log)), config, log });
}

/** The upload in a utility process: what crashes there does not take the window with it. */
export class UploadProcess {
  #utilityProcess;
  #config;
  #log;
  #onRestart;
  #child;
  #pauses = new Pauses();
  #isStopping = false;
  #restart;

  /** @param onRestart - a new process runs, which knows no page yet */
  constructor({ utilityProcess, config, log, onRestart }) {
    this.#utilityProcess = utilityProcess;
    this.#config = config;
    this.#log = log;
    this.#onRestart = onRestart;
    this.#start();
  }

  /** Hands over the port of a page. */
  attach(port) {
    // Without a process the page is asked to attach again as soon as there is one.
    if (this.#child === undefined) port.close();
    else this.#child.postMessage({ type: 'page' }, [port]);
  }

  /** Has what is buffered sent, and ends the process. */
  async stop() {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child === undefined) return;
    await new Promise((resolve) => {
      const timer = setTimeout(() => child.kill(), PATIENCE);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      child.postMessage({ type: 'stop' });
    });
  }

  #start() {
    const child = this.#utilityProcess.fork(PROGRAM, [], {
      serviceName: 'Upload',
      stdio: 'inherit',
    });
    this.#child = child;
    child.postMessage({ type: 'start', config: this.#config });
    child.once('exit', (code) => {
      this.#child = undefined;
      if (this.#isStopping) return;
      const pause = this.#pauses.next();
      this.#log.error(`The process that uploads has ended with ${code}; again in ${pause} ms`);
      this.#restart = setTimeout(() => {
        this.#start();
        this.#onRestart();
      }, pause);
    });
  }
}
