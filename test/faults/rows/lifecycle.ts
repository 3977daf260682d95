/** What happens to streams, processes and sources. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { definition } from '../../producer/support/media.js';
import type { FaultRow } from '../support/row.js';
import { Source } from '../support/source.js';
import { STREAM, type World } from '../support/world.js';

const nothing = (): void => undefined;
const MIB = 1024 * 1024;

const STREAMS: readonly FaultRow[] = [
  {
    fault: 'stream deleted by another',
    phase: 'while media flows, and the producer may create it',
    inject: async (w) => {
      await w.deleteAsAnother();
      w.source.start();
    },
    repair: nothing,
    lasts: 0,
    drops: { reasons: ['rejected', 'awaiting-key-frame'] },
  },
  {
    fault: 'stream deleted and created by another',
    phase: 'while media flows',
    world: { exists: true, stream: { allowStreamCreation: false } },
    inject: async (w) => {
      await w.deleteAsAnother();
      await w.createAsAnother();
      w.source.start();
    },
    repair: nothing,
    lasts: 0,
    drops: { reasons: ['rejected', 'awaiting-key-frame'] },
  },
  {
    fault: 'stream that takes its time to be deleted, and to be created',
    phase: 'while media flows, and the producer may create it',
    world: { endpoint: { lifecycleDelay: 1500 } },
    inject: async (w) => {
      await w.deleteAsAnother();
      w.source.start();
    },
    repair: nothing,
    lasts: 0,
    drops: { reasons: ['rejected', 'awaiting-key-frame'] },
  },
  {
    fault: 'stream deleted by another',
    phase: 'while media flows, and the producer may not create it',
    world: { exists: true, stream: { allowStreamCreation: false } },
    inject: async (w) => {
      await w.deleteAsAnother();
      w.source.start();
    },
    fatal: 'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR',
    drops: { reasons: ['rejected', 'awaiting-key-frame'] },
  },
  {
    fault: 'stream that is not there',
    phase: 'at the start, and the producer may not create it',
    when: 'start',
    world: { stream: { allowStreamCreation: false } },
    inject: nothing,
    fatal: 'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR',
  },
  {
    fault: 'connection closed at 45 minutes, which are 2.5 s here',
    phase: 'while media flows',
    world: { endpoint: { maxConnectionDuration: 2500 } },
    inject: nothing,
    repair: nothing,
    lasts: 6000,
    code: 'STATUS_ACK_ERR_CONNECTION_DURATION_REACHED',
    check: ({ stream }) =>
      stream.metrics.sessions > 2 ? undefined : `${stream.metrics.sessions} sessions only`,
  },
];

const PROCESSES: readonly FaultRow[] = [
  {
    fault: 'endpoint killed with SIGKILL and started again on its data',
    phase: 'while media flows',
    world: { child: true },
    inject: (w) => w.child.kill(),
    repair: (w) => w.child.start(),
  },
  {
    fault: 'endpoint suspended',
    phase: 'while media flows',
    world: { child: true, stream: { connectionStaleness: 2000 } },
    lasts: 5000,
    inject: (w) => {
      w.child.suspend();
    },
    repair: (w) => {
      w.child.resume();
    },
  },
  {
    fault: 'producer suspended for 8 s',
    phase: 'while media flows',
    world: { child: true },
    lasts: 0,
    inject: suspendThisProcess,
    repair: nothing,
  },
];

/** Another process suspends this one and lets it go on 8 s later. */
async function suspendThisProcess(): Promise<void> {
  const { pid } = process;
  const script = `sleep 0.2; kill -STOP ${pid}; sleep 8; kill -CONT ${pid}`;
  await once(spawn('sh', ['-c', script], { stdio: 'ignore' }), 'exit');
}

const SOURCES: readonly FaultRow[] = [
  {
    fault: 'two producers on one stream',
    phase: 'while media flows',
    lasts: 4000,
    inject: startSecond,
    repair: nothing,
    check: ({ recorder }) =>
      recorder.errors.length > 0 ? 'the first producer was disturbed' : undefined,
  },
  {
    fault: 'source that rests for 6 s',
    phase: 'while media flows',
    world: { stream: { idleTimeout: 1000 }, endpoint: { idleTimeout: 2000 } },
    lasts: 6000,
    inject: (w) => {
      w.source.stop();
    },
    repair: (w) => {
      w.source.start();
    },
    drops: { reasons: ['awaiting-key-frame'] },
    check: ({ recorder }) =>
      recorder.errors.length > 0 ? 'a rest was told as an error' : undefined,
  },
  {
    fault: 'source that comes back with a frame that is no key frame',
    phase: 'after a rest',
    world: { stream: { idleTimeout: 1000 }, endpoint: { idleTimeout: 2000 } },
    lasts: 3000,
    inject: (w) => {
      w.source.stop();
    },
    repair: (w) => {
      w.source.start();
      w.source.skipKeyFrame();
    },
    drops: { reasons: ['awaiting-key-frame'], must: true },
  },
  {
    fault: 'store and spill are full',
    phase: 'while the service is away',
    // 2 MB/s: together they hold 10 s of it.
    world: {
      source: { size: 100_000 },
      client: { spillDirectory: tmpdir(), spillSize: 10 * MIB, storageSize: 10 * MIB },
    },
    lasts: 12_000,
    inject: (w) => w.tcp.refuse(),
    drops: { reasons: ['store-pressure'], must: true },
  },
];

/** The service refuses the newer of two connections; that one waits, and the older does not notice. */
async function startSecond(w: World): Promise<void> {
  const client = w.makeClient();
  const stream = await client.createStream(definition({ streamName: STREAM }));
  const errors: string[] = [];
  stream.on('disconnected', ({ error }) => {
    if (error !== undefined) errors.push(error.code);
  });
  const source = new Source(stream);
  source.start();
  await sleep(2500);
  source.stop();
  stream.destroy();
  if (!errors.includes('STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR')) {
    throw new Error(`the second producer was told ${errors.join(', ') || 'nothing'}`);
  }
}

export const LIFECYCLE_ROWS: readonly FaultRow[] = [...STREAMS, ...PROCESSES, ...SOURCES];
