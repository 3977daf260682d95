/** Faults of the way to the service. */
import { setTimeout as sleep } from 'node:timers/promises';
import { resetOf } from '../support/http-injector.js';
import type { FaultRow } from '../support/row.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import type { World, WorldOptions } from '../support/world.js';

const UNREACHABLE = 'STATUS_SERVICE_CALL_UNKNOWN_ERROR';

/** Nobody notices a silent death but by waiting: both sides wait less than they usually do. */
export const IMPATIENT: WorldOptions = {
  stream: { connectionStaleness: 2000 },
  endpoint: { idleTimeout: 2000 },
};

const PLAIN_ROWS: readonly FaultRow[] = [
  {
    fault: 'connection refused',
    phase: 'connect',
    inject: (w) => w.tcp.refuse(),
    code: UNREACHABLE,
  },
  {
    fault: 'connection refused for 25 s',
    phase: 'connect',
    inject: (w) => w.tcp.refuse(),
    lasts: 25_000,
    code: UNREACHABLE,
  },
  {
    fault: 'connection refused',
    phase: 'before the stream is made',
    when: 'start',
    inject: (w) => w.tcp.refuse(),
    code: UNREACHABLE,
  },
  {
    fault: 'connection refused',
    phase: 'draining in stop',
    when: 'stop',
    inject: (w) => w.tcp.refuse(),
    code: UNREACHABLE,
  },
  {
    fault: 'reset',
    phase: 'while media flows',
    lasts: 0,
    inject: (w) => {
      w.tcp.reset();
    },
    code: UNREACHABLE,
  },
  {
    fault: 'reset',
    phase: 'connect',
    inject: (w) => {
      w.tcp.resetAfter = 0;
      w.tcp.reset();
    },
    code: UNREACHABLE,
  },
  {
    fault: 'reset',
    phase: 'request head',
    inject: (w) => {
      w.tcp.resetAfter = 100;
      w.tcp.reset();
    },
    code: UNREACHABLE,
  },
  {
    fault: 'close in good form',
    phase: 'while media flows',
    lasts: 0,
    inject: (w) => {
      w.tcp.end();
    },
    code: UNREACHABLE,
  },
  {
    fault: 'black hole',
    phase: 'while media flows',
    lasts: 4000,
    world: IMPATIENT,
    inject: (w) => {
      w.tcp.become('swallowed');
    },
  },
  {
    fault: 'half-open',
    phase: 'while media flows',
    lasts: 4000,
    world: IMPATIENT,
    inject: (w) => {
      w.tcp.become('ignored');
    },
  },
  {
    fault: 'black hole',
    phase: 'connect',
    lasts: 4000,
    world: IMPATIENT,
    inject: (w) => {
      w.tcp.fate = 'swallowed';
      w.tcp.reset();
    },
  },
  {
    fault: 'half-open',
    phase: 'connect',
    lasts: 4000,
    world: IMPATIENT,
    inject: (w) => {
      w.tcp.fate = 'ignored';
      w.tcp.reset();
    },
  },
  {
    fault: 'slow link, less than the bit rate',
    phase: 'while media flows',
    lasts: 9000,
    world: {
      source: { size: 50_000 },
      stream: { bufferDuration: 2000 },
      endpoint: { idleTimeout: 10_000 },
    },
    inject: (w) => {
      w.tcp.rate = 60_000;
    },
    // What is not sent within two seconds is old: whole fragments of it are dropped.
    drops: { reasons: ['buffer-duration', 'store-pressure'], must: true },
    check: ({ recorder }) =>
      recorder.drops.every(({ frames }) => frames % 10 === 0)
        ? undefined
        : 'parts of fragments were dropped',
  },
  {
    fault: 'late by 300 ms each way',
    phase: 'while media flows',
    inject: (w) => {
      w.tcp.delay = 300;
    },
  },
  {
    fault: '1-byte reads and writes',
    phase: 'from the start',
    when: 'start',
    world: { source: { size: 64 } },
    lasts: 4000,
    inject: (w) => {
      w.tcp.pieces = 1;
    },
    repair: () => undefined,
  },
  {
    fault: 'answer cut in the middle',
    phase: 'every answer',
    inject: (w) => {
      w.tcp.closeAfterDown = 60;
      w.tcp.reset();
    },
  },
  {
    fault: 'endpoint moves',
    phase: 'while media flows',
    inject: moveEndpoint,
    repair: () => undefined,
    lasts: 0,
    code: UNREACHABLE,
  },
];

const PROXY_ROWS: readonly FaultRow[] = [
  {
    fault: 'HTTP proxy dies and comes back',
    phase: 'while media flows',
    world: { proxy: true },
    inject: (w) => w.killProxy(),
    repair: (w) => w.startProxy(),
    code: UNREACHABLE,
  },
  {
    fault: 'HTTP proxy dies and comes back',
    phase: 'draining in stop',
    when: 'stop',
    world: { proxy: true },
    inject: (w) => w.killProxy(),
    repair: (w) => w.startProxy(),
    code: UNREACHABLE,
  },
  {
    fault: 'HTTP proxy is dead',
    phase: 'before the stream is made',
    when: 'start',
    world: { proxy: true },
    inject: (w) => w.killProxy(),
    repair: (w) => w.startProxy(),
    code: UNREACHABLE,
  },
  {
    fault: 'HTTP proxy asks for another password for a while (407)',
    phase: 'while media flows',
    world: { proxy: true },
    inject: async (w) => {
      await w.killProxy();
      await w.startProxy('user:another');
    },
    repair: async (w) => {
      await w.killProxy();
      await w.startProxy();
    },
  },
  {
    fault: 'HTTP proxy reaches nothing (502)',
    phase: 'while media flows',
    world: { proxy: true },
    inject: (w) => w.tcp.refuse(),
    code: UNREACHABLE,
  },
];

/** The host that the media goes to is gone for good, and GetDataEndpoint tells of another one. */
async function moveEndpoint(w: World): Promise<void> {
  const next = await TcpProxy.start(w.http.port);
  w.after(() => next.close());
  const old = w.tcp;
  w.http.dataEndpoint = `http://127.0.0.1:${next.port}`;
  // The control plane is another host than that of the media.
  await old.refuse();
  await sleep(1000);
  await old.listen();
  w.http.on('putMedia', ({ request }) => {
    const isOld = request.headers.host?.endsWith(`:${old.port}`) === true;
    if (isOld) resetOf(request);
    return isOld;
  });
}

export const NETWORK_ROWS: readonly FaultRow[] = [...PLAIN_ROWS, ...PROXY_ROWS];
