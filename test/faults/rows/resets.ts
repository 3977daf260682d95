/** Connections that are lost, or fall silent, at each phase of an upload. */
import { resetOf, type Operation } from '../support/http-injector.js';
import type { MediaExchange, WireAck } from '../support/media-exchange.js';
import type { FaultRow } from '../support/row.js';
import type { World } from '../support/world.js';
import { IMPATIENT } from './network.js';

const LOST = 'STATUS_SERVICE_CALL_UNKNOWN_ERROR';
const SILENT = 'STATUS_OPERATION_TIMED_OUT';
const MID_FRAGMENT = 150;

/** Does something to each upload once, when its acknowledgements have come so far. */
function atAck(
  w: World,
  isTime: (ack: WireAck, exchange: MediaExchange) => boolean,
  act: (exchange: MediaExchange, line: string) => void,
): void {
  w.http.ackRule = (ack, exchange, line) => {
    if (isTime(ack, exchange)) act(exchange, line);
    else exchange.send(line);
  };
}

const resetCall = (operation: Operation) => (w: World) => {
  w.http.on(operation, ({ request }) => {
    resetOf(request);
    return true;
  });
};

/** The call is taken and never answered. */
const swallowCall = (operation: Operation) => (w: World) => {
  w.http.on(operation, ({ request }) => {
    request.resume();
    return true;
  });
};

const RESETS: readonly FaultRow[] = [
  {
    fault: 'reset',
    phase: 'describeStream',
    when: 'start',
    inject: resetCall('describeStream'),
    code: LOST,
  },
  {
    fault: 'reset',
    phase: 'createStream',
    when: 'start',
    inject: resetCall('createStream'),
    code: LOST,
  },
  {
    fault: 'reset',
    phase: 'getDataEndpoint',
    inject: (w) => {
      resetCall('getDataEndpoint')(w);
      w.cut();
    },
    code: LOST,
  },
  {
    fault: 'reset',
    phase: 'before the answer to putMedia',
    inject: (w) => {
      resetCall('putMedia')(w);
      w.http.reset();
    },
    code: LOST,
  },
  {
    fault: 'reset',
    phase: 'before the first ACK',
    inject: (w) => {
      atAck(
        w,
        ({ EventType }, { count }) => EventType === 'BUFFERING' && count === 1,
        (exchange) => {
          exchange.reset();
        },
      );
      w.http.reset();
    },
    code: LOST,
  },
  {
    fault: 'reset',
    phase: 'mid-fragment',
    inject: (w) => {
      atAck(
        w,
        ({ EventType }, { count }) => EventType === 'BUFFERING' && count > 3,
        (exchange, line) => {
          exchange.send(line);
          setTimeout(() => {
            exchange.reset();
          }, MID_FRAGMENT);
        },
      );
    },
    lasts: 3000,
    code: LOST,
  },
  {
    fault: 'reset',
    phase: 'between fragments',
    inject: (w) => {
      atAck(
        w,
        ({ EventType }) => EventType === 'PERSISTED',
        (exchange, line) => {
          exchange.send(line);
          setImmediate(() => {
            exchange.reset();
          });
        },
      );
    },
    lasts: 3000,
    code: LOST,
  },
  {
    fault: 'reset that takes the PERSISTED with it',
    phase: 'between fragments',
    inject: (w) => {
      atAck(
        w,
        ({ EventType }) => EventType === 'PERSISTED',
        (exchange) => {
          exchange.reset();
        },
      );
    },
    lasts: 3000,
    code: LOST,
  },
  {
    fault: 'reset',
    phase: 'draining in stop',
    when: 'stop',
    inject: (w) => {
      resetCall('putMedia')(w);
      w.http.reset();
    },
    code: LOST,
  },
];

const SILENCES: readonly FaultRow[] = [
  {
    fault: 'black hole',
    phase: 'describeStream',
    when: 'start',
    lasts: 4000,
    inject: swallowCall('describeStream'),
    code: 'STATUS_SERVICE_CALL_TIMEOUT_ERROR',
  },
  {
    fault: 'black hole',
    phase: 'createStream',
    when: 'start',
    lasts: 4000,
    inject: swallowCall('createStream'),
    code: 'STATUS_SERVICE_CALL_TIMEOUT_ERROR',
  },
  {
    fault: 'black hole',
    phase: 'getDataEndpoint',
    lasts: 4000,
    inject: (w) => {
      swallowCall('getDataEndpoint')(w);
      w.cut();
    },
  },
  {
    fault: 'black hole',
    phase: 'before the answer to putMedia',
    lasts: 4000,
    world: IMPATIENT,
    inject: (w) => {
      swallowCall('putMedia')(w);
      w.http.reset();
    },
    code: SILENT,
  },
  {
    fault: 'black hole',
    phase: 'before the first ACK',
    lasts: 4000,
    world: IMPATIENT,
    inject: (w) => {
      w.http.ackRule = () => undefined;
      w.http.reset();
    },
    code: SILENT,
  },
  {
    fault: 'black hole',
    phase: 'before the first ACK, with the staleness that is the default',
    lasts: 31_000,
    inject: (w) => {
      w.http.ackRule = () => undefined;
      w.http.reset();
    },
    code: SILENT,
  },
  {
    fault: 'black hole for ACKs only',
    phase: 'while media flows',
    lasts: 4000,
    world: IMPATIENT,
    inject: (w) => {
      w.http.ackRule = () => undefined;
    },
    code: SILENT,
  },
  {
    fault: 'black hole',
    phase: 'draining in stop',
    when: 'stop',
    lasts: 4000,
    world: IMPATIENT,
    inject: (w) => {
      w.tcp.become('swallowed');
    },
    code: SILENT,
  },
  {
    fault: 'half-open',
    phase: 'draining in stop',
    when: 'stop',
    lasts: 4000,
    world: IMPATIENT,
    inject: (w) => {
      w.tcp.become('ignored');
    },
    code: SILENT,
  },
];

export const RESET_ROWS: readonly FaultRow[] = [...RESETS, ...SILENCES];
