/**
 * Electron as far as the kiosk uses it. What the kiosk asks for is recorded; ports are real, and a
 * utility process is a thread. It is handed to the kiosk, which imports nothing of Electron itself.
 */
import { EventEmitter } from 'node:events';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { TestContext } from '../../support/suite.js';
import { kPort, mainPort } from './main-port.mjs';

type MainPort = ReturnType<typeof mainPort>;
type Handler = (...args: never[]) => unknown;

/** The port that a page gets. */
export type PagePort = MessagePort;

class FakeContents extends EventEmitter {
  readonly mainFrame = { url: 'kiosk://page/index.html', parent: null };
  openHandler: Handler | undefined;
  /** Ports that were given to the page. */
  readonly ports: PagePort[] = [];
  onPort: (port: PagePort) => void = () => undefined;

  setWindowOpenHandler(handler: Handler): void {
    this.openHandler = handler;
  }
  getURL(): string {
    return this.mainFrame.url;
  }
  forcefullyCrashRenderer(): void {
    this.emit('render-process-gone', {}, { reason: 'killed' });
  }
  postMessage(_channel: string, _message: unknown, [port]: [MainPort]): void {
    this.ports.push(port[kPort]);
    this.onPort(port[kPort]);
  }
}

export class FakeWindow extends EventEmitter {
  readonly webContents = new FakeContents();
  readonly options: Record<string, unknown>;
  readonly loaded: string[] = [];

  constructor(options: Record<string, unknown>) {
    super();
    this.options = options;
  }
  loadURL(url: string): Promise<void> {
    this.loaded.push(url);
    return Promise.resolve();
  }
  isDestroyed(): boolean {
    return false;
  }
  show(): void {
    this.emit('shown');
  }
  focus(): void {
    this.emit('focused');
  }
}

class FakeApp extends EventEmitter {
  readonly done: string[] = [];
  hasLock = true;
  requestSingleInstanceLock(): boolean {
    return this.hasLock;
  }
  whenReady(): Promise<void> {
    return Promise.resolve();
  }
  getPath(): string {
    return '/nonexistent';
  }
  quit(): void {
    this.done.push('quit');
  }
  exit(code: number): void {
    this.done.push(`exit ${code}`);
    this.emit('exited');
  }
  relaunch(): void {
    this.done.push('relaunch');
  }
}

class FakeSession extends EventEmitter {
  readonly handlers: Record<string, Handler> = {};
  setPermissionRequestHandler(handler: Handler): void {
    this.handlers['request'] = handler;
  }
  setPermissionCheckHandler(handler: Handler): void {
    this.handlers['check'] = handler;
  }
  setDevicePermissionHandler(handler: Handler): void {
    this.handlers['device'] = handler;
  }
}

class FakeChild extends EventEmitter {
  readonly #worker: Worker;

  constructor(program: string) {
    super();
    const shim = new URL('utility-thread.mjs', import.meta.url);
    this.#worker = new Worker(shim, { workerData: { program }, stdout: true, stderr: true });
    this.#worker.on('error', (error) => this.emit('failed', error));
    this.#worker.on('exit', (code) => this.emit('exit', code));
  }
  postMessage(message: unknown, ports: MainPort[] = []): void {
    const plain = ports.map((port) => port[kPort]);
    this.#worker.postMessage({ message, ports: plain }, plain);
  }
  kill(): void {
    void this.#worker.terminate();
  }
  /** Ends it without anybody noticing. */
  async dispose(): Promise<void> {
    this.removeAllListeners();
    await this.#worker.terminate();
  }
}

/** Makes an Electron of its own for a test. */
export function makeElectron(t: TestContext) {
  const windows: FakeWindow[] = [];
  const children: FakeChild[] = [];
  const blocked: string[] = [];
  const schemes: unknown[] = [];
  const errors: string[] = [];
  t.after(() => Promise.all(children.map((child) => child.dispose())));
  const electron = {
    app: new FakeApp(),
    ipcMain: new EventEmitter(),
    session: { defaultSession: new FakeSession() },
    dialog: { showErrorBox: (_title: string, text: string) => errors.push(text) },
    powerSaveBlocker: { start: (kind: string) => blocked.push(kind) },
    protocol: {
      registerSchemesAsPrivileged: (list: unknown[]) => schemes.push(...list),
      handle: () => undefined,
    },
    systemPreferences: { askForMediaAccess: () => Promise.resolve(true) },
    BrowserWindow: class extends FakeWindow {
      constructor(options: Record<string, unknown>) {
        super(options);
        windows.push(this);
      }
    },
    MessageChannelMain: class {
      readonly port1: MainPort;
      readonly port2: MainPort;
      constructor() {
        const { port1, port2 } = new MessageChannel();
        [this.port1, this.port2] = [mainPort(port1), mainPort(port2)];
        t.after(() => {
          port1.close();
        });
      }
    },
    utilityProcess: {
      fork: (program: string) => {
        const child = new FakeChild(program);
        children.push(child);
        return child;
      },
    },
  };
  return { electron, windows, children, blocked, schemes, errors };
}

export type FakeElectron = ReturnType<typeof makeElectron>;
