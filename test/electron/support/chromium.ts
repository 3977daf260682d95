/** A real Chromium that shows the page of the kiosk, with a stand-in for its preload script. */
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { TestContext } from '../../support/suite.js';
import { requireTool } from '../../support/tools.js';
import type { PagePort } from './electron-stub.js';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
];
const PATHS = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'];

let browser: Promise<Browser> | undefined;

/** The browser of this file; the first test that asks for it starts it. */
export function startChromium(t: TestContext): Promise<Browser> {
  if (process.env['CHROMIUM'] === undefined && !PATHS.some((path) => existsSync(path))) {
    requireTool(t, 'chromium');
  }
  const executablePath = process.env['CHROMIUM'] ?? PATHS.find((path) => existsSync(path)) ?? '';
  browser ??= chromium.launch({ executablePath, args: ARGUMENTS, timeout: 60_000 });
  return browser;
}

/** Ends the browser, after the last test. */
export async function closeChromium(): Promise<void> {
  await (await browser)?.close();
}

/** Serves what `answer` of the kiosk gives, which in Electron is a scheme of its own. */
export async function servePage(
  t: TestContext,
  answer: (url: string) => Promise<Response>,
): Promise<string> {
  const server: Server = createServer((request, response) => {
    void answer(`kiosk://page${request.url ?? '/'}`).then(async (found) => {
      response.writeHead(found.status, Object.fromEntries(found.headers));
      response.end(Buffer.from(await found.arrayBuffer()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`;
}

/** What the page does instead of the preload script; runs inside of it. */
function standIn(): void {
  interface Bridge {
    toMain(text: string): Promise<void>;
    pageReady(): Promise<void>;
    fromMain?: (text: string) => void;
    newPort?: () => void;
    media?: { tracks: unknown[]; refuse: string };
    encoders?: { instance: { close(): void }; init: { error(error: unknown): void } }[];
  }
  const page = globalThis as unknown as Bridge & Record<string, never>;
  const web = globalThis as unknown as {
    MessagePort: { prototype: { postMessage: (message: unknown, transfer?: unknown) => void } };
    MessageChannel: new () => { port1: never; port2: never };
    VideoEncoder: new (init: never) => never;
    DOMException: new (message: string, name: string) => Error;
    navigator: { mediaDevices: { getUserMedia(asked: unknown): Promise<{ getTracks(): [] }> } };
    addEventListener(name: string, listener: () => void): void;
    postMessage(message: string, origin: string, ports: unknown[]): void;
    location: { origin: string };
    btoa(text: string): string;
  };
  // A MessagePortMain gets nothing of a message with which a buffer was transferred.
  const prototype = web.MessagePort.prototype;
  prototype.postMessage = new Proxy(prototype.postMessage, {
    apply: (post, port, [message, transfer = []]: [unknown, unknown[]?]) => {
      const isLost = transfer.some((item) => item instanceof ArrayBuffer);
      Reflect.apply(post, port, [isLost ? null : message]);
    },
  });
  const encode = (_key: string, value: unknown): unknown => {
    if (!ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer)) return value;
    const view = ArrayBuffer.isView(value) ? value : new Uint8Array(value);
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    return { base64: web.btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) };
  };
  page.newPort = () => {
    const { port1, port2 } = new web.MessageChannel();
    const port = port1 as { onmessage: unknown; postMessage(message: unknown): void };
    port.onmessage = ({ data }: { data: unknown }) => {
      void page.toMain(JSON.stringify(data, encode));
    };
    page.fromMain = (text) => {
      port.postMessage(JSON.parse(text));
    };
    web.postMessage('upload-port', web.location.origin, [port2]);
  };
  web.addEventListener('DOMContentLoaded', () => void page.pageReady());

  // Handles for the tests: the devices, which can be taken away, and the encoders, which can fail.
  const media = { tracks: [] as unknown[], refuse: '' };
  page.media = media;
  const { mediaDevices } = web.navigator;
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (asked) => {
    if (media.refuse !== '') throw new web.DOMException('refused by the test', media.refuse);
    const stream = await getUserMedia(asked);
    media.tracks.push(...stream.getTracks());
    return stream;
  };
  const encoders: NonNullable<Bridge['encoders']> = [];
  page.encoders = encoders;
  const Real = web.VideoEncoder;
  web.VideoEncoder = new Proxy(Real, {
    construct: (target, [init]: [never]) => {
      const instance = new target(init);
      encoders.push({ instance, init });
      return instance;
    },
  });
}

/** A page of the kiosk in the browser. */
export interface KioskPage {
  readonly page: Page;
  /** Messages that the page has sent, bytes as Buffers. */
  readonly sent: Record<string, unknown>[];
  /** Reports of the upload that the page has got. */
  readonly statuses: Record<string, unknown>[];
  /** What went wrong in the page. */
  readonly problems: string[];
  /** Joins the page to a port, as the preload script does. */
  connect(port: PagePort): void;
}

/** Opens the page; `onReady` is called each time that it is loaded. */
export async function openPage(
  t: TestContext,
  url: string,
  onReady: () => void,
): Promise<KioskPage> {
  const context = await (
    await startChromium(t)
  ).newContext({ viewport: { width: 1280, height: 720 } });
  t.after(() => context.close());
  const page = await context.newPage();
  const problems: string[] = [];
  const sent: Record<string, unknown>[] = [];
  const statuses: Record<string, unknown>[] = [];
  let current: PagePort | undefined;
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.exposeFunction('pageReady', onReady);
  await page.exposeFunction('toMain', (text: string) => {
    const message = JSON.parse(text, decode) as Record<string, unknown>;
    sent.push(message);
    current?.postMessage(message);
  });
  // The test runner's compiler names functions by a helper that the page does not have.
  await page.addInitScript('globalThis.__name = (value) => value;');
  await page.addInitScript(standIn);
  await page.goto(url);
  const connect = (port: PagePort): void => {
    current = port;
    const made = page.evaluate('newPort()');
    port.on('message', (message: { type: string; status: Record<string, unknown> }) => {
      if (message.type === 'status') statuses.push(message.status);
      const text = JSON.stringify(JSON.stringify(message));
      // A page that is just being loaded anew has nobody to tell.
      void made.then(() => page.evaluate(`fromMain(${text})`)).catch(() => undefined);
    });
  };
  return { page, sent, statuses, problems, connect };
}

function decode(_key: string, value: unknown): unknown {
  const { base64 } = (value ?? {}) as { base64?: unknown };
  // As a Uint8Array, which is what a clone of one is.
  return typeof base64 === 'string' ? new Uint8Array(Buffer.from(base64, 'base64')) : value;
}
