/** Faults of the way to the service. */
import type { FaultRow } from '../support/row.js';
import type { WorldOptions } from '../support/world.js';

const UNREACHABLE = 'STATUS_SERVICE_CALL_UNKNOWN_ERROR';

/** Nobody notices a silent death but by waiting: both sides wait less than they usually do. */
const IMPATIENT: WorldOptions = {
  stream: { connectionStaleness: 2000 },
  endpoint: { idleTimeout: 2000 },
};

export const NETWORK_ROWS: readonly FaultRow[] = [
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
];
