/** Acknowledgements that are broken, and each ERROR that the service knows. */
import type { StatusName } from '../../../ts/index.js';
import type { AckRule, WireAck } from '../support/media-exchange.js';
import type { FaultRow } from '../support/row.js';
import type { World } from '../support/world.js';

/** Whether the fragment of an ERROR is sent again, or is given up and reported. */
type Consequence = 'sent again' | 'given up' | 'either';

type ErrorAck = readonly [id: number, code: string, status: StatusName, then: Consequence];

const ERRORS: readonly ErrorAck[] = [
  [4000, 'STREAM_READ_ERROR', 'STATUS_ACK_ERR_STREAM_READ_ERROR', 'sent again'],
  [4001, 'MAX_FRAGMENT_SIZE_REACHED', 'STATUS_ACK_ERR_FRAGMENT_SIZE_REACHED', 'given up'],
  [4002, 'MAX_FRAGMENT_DURATION_REACHED', 'STATUS_ACK_ERR_FRAGMENT_DURATION_REACHED', 'given up'],
  [
    4003,
    'MAX_CONNECTION_DURATION_REACHED',
    'STATUS_ACK_ERR_CONNECTION_DURATION_REACHED',
    'sent again',
  ],
  [
    4004,
    'FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS',
    'STATUS_ACK_ERR_FRAGMENT_TIMECODE_NOT_MONOTONIC',
    'given up',
  ],
  [4005, 'MORE_THAN_ONE_TRACK_FOUND', 'STATUS_ACK_ERR_MULTI_TRACK_MKV', 'given up'],
  [4006, 'INVALID_MKV_DATA', 'STATUS_ACK_ERR_INVALID_MKV_DATA', 'given up'],
  [4007, 'INVALID_PRODUCER_TIMESTAMP', 'STATUS_ACK_ERR_INVALID_PRODUCER_TIMESTAMP', 'given up'],
  [4008, 'STREAM_NOT_ACTIVE', 'STATUS_ACK_ERR_STREAM_NOT_ACTIVE', 'either'],
  [
    4009,
    'FRAGMENT_METADATA_LIMIT_REACHED',
    'STATUS_ACK_ERR_FRAGMENT_METADATA_LIMIT_REACHED',
    'given up',
  ],
  [4010, 'TRACK_NUMBER_MISMATCH', 'STATUS_ACK_ERR_TRACK_NUMBER_MISMATCH', 'given up'],
  [4011, 'FRAMES_MISSING_FOR_TRACK', 'STATUS_ACK_ERR_FRAMES_MISSING_FOR_TRACK', 'given up'],
  [
    4012,
    'MORE_THAN_ALLOWED_TRACKS_FOUND',
    'STATUS_ACK_ERR_MORE_THAN_ALLOWED_TRACKS_FOUND',
    'given up',
  ],
  [4500, 'KMS_KEY_ACCESS_DENIED', 'STATUS_ACK_ERR_KMS_KEY_ACCESS_DENIED', 'either'],
  [4501, 'KMS_KEY_DISABLED', 'STATUS_ACK_ERR_KMS_KEY_DISABLED', 'either'],
  [4502, 'KMS_KEY_VALIDATION_ERROR', 'STATUS_ACK_ERR_KMS_KEY_VALIDATION_ERROR', 'either'],
  [4503, 'KMS_KEY_UNAVAILABLE', 'STATUS_ACK_ERR_KMS_KEY_UNAVAILABLE', 'either'],
  [4504, 'KMS_KEY_INVALID_USAGE', 'STATUS_ACK_ERR_KMS_KEY_INVALID_USAGE', 'either'],
  [4505, 'KMS_KEY_INVALID_STATE', 'STATUS_ACK_ERR_KMS_KEY_INVALID_STATE', 'either'],
  [4506, 'KMS_KEY_NOT_FOUND', 'STATUS_ACK_ERR_KMS_KEY_NOT_FOUND', 'either'],
  [4507, 'STREAM_DELETED', 'STATUS_ACK_ERR_STREAM_DELETED', 'either'],
  [5000, 'INTERNAL_ERROR', 'STATUS_ACK_ERR_ACK_INTERNAL_ERROR', 'sent again'],
  [5001, 'ARCHIVAL_ERROR', 'STATUS_ACK_ERR_FRAGMENT_ARCHIVAL_ERROR', 'sent again'],
  [4999, 'SOMETHING_NEW', 'STATUS_ACK_ERR_UNKNOWN_ACK_ERROR', 'sent again'],
];

/** Refuses a fragment that has begun, once all before it are stored. */
const failWith =
  (id: number, code: string): AckRule =>
  (_ack, exchange, line) => {
    exchange.send(line);
    if (exchange.open.size === 1) exchange.fail(id, code, exchange.begun);
  };

const errorRow = ([id, code, status, then]: ErrorAck): FaultRow => ({
  fault: `ERROR ${id} ${code}`,
  phase: 'mid-fragment',
  inject: (w) => {
    w.http.ackRule = failWith(id, code);
  },
  code: status,
  ...(then !== 'sent again' && {
    drops: { reasons: ['rejected', 'awaiting-key-frame'], must: then === 'given up' },
  }),
});

/** Spoils acknowledgements while the row lasts. */
const spoil = (spoiler: AckRule) => (w: World) => {
  w.http.ackRule = spoiler;
};

const withMore = (ack: WireAck): string =>
  `${JSON.stringify({ Future: { deep: [1, '}{', null] }, ...ack, Other: 'x' })}\r\n`;

const BROKEN: readonly FaultRow[] = [
  {
    fault: 'ACKs in single bytes',
    phase: 'while media flows',
    inject: spoil((_ack, exchange, line) => {
      exchange.trickle(line);
    }),
  },
  {
    fault: 'ACKs twice',
    phase: 'while media flows',
    inject: spoil((_ack, exchange, line) => {
      exchange.send(line + line);
    }),
  },
  {
    fault: 'ACKs with fields that nobody knows',
    phase: 'while media flows',
    inject: spoil((ack, exchange) => {
      exchange.send(withMore(ack));
    }),
  },
  {
    fault: 'ACKs of a type that nobody knows',
    phase: 'while media flows',
    inject: spoil((ack, exchange, line) => {
      exchange.send(`${JSON.stringify({ ...ack, EventType: 'ARCHIVED' })}\n${line}`);
    }),
  },
  {
    fault: 'ACKs that are no JSON, between good ones',
    phase: 'while media flows',
    inject: spoil((_ack, exchange, line) => {
      exchange.send(`<html><body>502 Bad Gateway</body></html>\n${line}{"EventType":]\n`);
    }),
  },
  {
    fault: 'ACKs of fragments that were never sent',
    phase: 'while media flows',
    inject: spoil((ack, exchange, line) => {
      const FragmentTimecode = (ack.FragmentTimecode ?? 0) + 1_000_000;
      exchange.send(`${JSON.stringify({ ...ack, FragmentTimecode })}\n${line}`);
    }),
  },
  {
    fault: 'ACKs cut in the middle, and the answer with them',
    phase: 'while media flows',
    inject: spoil((ack, exchange, line) => {
      if (ack.EventType !== 'PERSISTED') exchange.send(line);
      else {
        exchange.send(line.slice(0, line.length / 2));
        exchange.end();
      }
    }),
    lasts: 3000,
    code: 'STATUS_SERVICE_CALL_UNKNOWN_ERROR',
  },
  {
    fault: 'an answer that never ends after the last ACK',
    phase: 'draining in stop',
    when: 'stop',
    inject: (w) => {
      w.http.holdsEnd = true;
    },
  },
];

export const ACK_ROWS: readonly FaultRow[] = [...BROKEN, ...ERRORS.map(errorRow)];
