/** Calls that the service, or what stands before it, answers with an error. */
import type { StatusName } from '../../../ts/index.js';
import type { Operation } from '../support/http-injector.js';
import type { FaultRow } from '../support/row.js';
import type { World, WorldOptions } from '../support/world.js';

const UNKNOWN = 'STATUS_SERVICE_CALL_UNKNOWN_ERROR';
const LIMIT = 'STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR';
const TIMEOUT = 'STATUS_SERVICE_CALL_TIMEOUT_ERROR';
const DENIED = 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR';

/** An answer, and the error that it is told as. */
interface Answer {
  readonly name: string;
  readonly status: number;
  readonly type?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly code: StatusName;
}

const PORTAL = '<!DOCTYPE html><html><body>Please accept our terms</body></html>';
const HTML = { 'content-type': 'text/html' };

/** What passes. */
const PASSING: readonly Answer[] = [
  {
    name: '400 ClientLimitExceededException',
    status: 400,
    type: 'ClientLimitExceededException',
    code: LIMIT,
  },
  { name: '429 with Retry-After: 1', status: 429, headers: { 'retry-after': '1' }, code: LIMIT },
  { name: '500', status: 500, type: 'InternalFailure', code: UNKNOWN },
  { name: '502 in HTML', status: 502, headers: HTML, body: PORTAL, code: UNKNOWN },
  { name: '503', status: 503, type: 'ServiceUnavailableException', code: UNKNOWN },
  { name: '504', status: 504, code: TIMEOUT },
  {
    name: '200 with the page of a captive portal',
    status: 200,
    headers: HTML,
    body: PORTAL,
    code: UNKNOWN,
  },
  { name: '200 with half an answer', status: 200, body: '{"Stream', code: UNKNOWN },
];

/** The calls before media can flow, and how it comes that they are made. */
const AT_START: readonly (readonly [Operation, WorldOptions])[] = [
  ['describeStream', {}],
  ['createStream', {}],
  ['getDataEndpoint', {}],
];

function inject(w: World, operation: Operation, answer: Answer): void {
  const { headers, body } = answer;
  w.http.answer(operation, answer.status, answer.type, {
    ...(headers && { headers }),
    ...(body !== undefined && { body }),
  });
}

const START_ROWS = AT_START.flatMap(([operation, world]) =>
  PASSING.map((answer): FaultRow => ({
    fault: answer.name,
    phase: `${operation} at the start`,
    when: 'start',
    world,
    inject: (w) => {
      inject(w, operation, answer);
    },
    code: answer.code,
  })),
);

/** A stream that cannot be tagged is streamed to all the same. */
const TAG_ROWS = PASSING.slice(0, 5).map((answer): FaultRow => ({
  fault: answer.name,
  phase: 'tagStream at the start',
  when: 'start',
  world: { exists: true, stream: { tags: { place: 'door' } } },
  lasts: 500,
  inject: (w) => {
    inject(w, 'tagStream', answer);
  },
  code: answer.code,
}));

const ENDPOINT_ROWS = PASSING.map((answer): FaultRow => ({
  fault: answer.name,
  phase: 'getDataEndpoint after a lost connection',
  inject: (w) => {
    inject(w, 'getDataEndpoint', answer);
    w.cut();
  },
  code: answer.code,
}));

const MEDIA_ROWS = [
  ...PASSING.filter(({ name }) => name !== '200 with half an answer'),
  {
    name: '400 ConnectionLimitExceededException',
    status: 400,
    type: 'ConnectionLimitExceededException',
    code: LIMIT,
  },
  {
    name: '400 InvalidEndpointException',
    status: 400,
    type: 'InvalidEndpointException',
    code: UNKNOWN,
  },
  {
    name: '404 ResourceNotFoundException',
    status: 404,
    type: 'ResourceNotFoundException',
    code: 'STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR',
  },
  { name: '403 of a captive portal', status: 403, headers: HTML, body: PORTAL, code: DENIED },
  {
    name: '401 without a word',
    status: 401,
    body: '',
    code: DENIED,
  },
].map((answer): FaultRow => ({
  fault: answer.name,
  phase: 'putMedia',
  inject: (w) => {
    inject(w, 'putMedia', answer as Answer);
    w.http.reset();
  },
  code: answer.code as StatusName,
  // An answer with status 200 that is none is noticed when it ends, or when no ACK comes.
  ...(answer.status === 200 && { world: { stream: { connectionStaleness: 2000 } } }),
}));

const policy = {
  name: '403 of a policy',
  status: 403,
  type: 'AccessDeniedException',
  code: DENIED,
};

const FATAL_ROWS: readonly FaultRow[] = [
  {
    fault: '403 of a policy',
    phase: 'putMedia',
    inject: (w) => {
      inject(w, 'putMedia', policy as Answer);
      w.http.reset();
    },
    fatal: DENIED,
  },
  {
    fault: '403 of a policy',
    phase: 'getDataEndpoint after a lost connection',
    inject: (w) => {
      inject(w, 'getDataEndpoint', policy as Answer);
      w.cut();
    },
    fatal: DENIED,
  },
  ...(['describeStream', 'createStream', 'getDataEndpoint'] as const).map(
    (operation): FaultRow => ({
      fault: '403 of a policy',
      phase: `${operation} at the start`,
      when: 'start',
      inject: (w) => {
        inject(w, operation, policy as Answer);
      },
      fatal: DENIED,
    }),
  ),
  {
    fault: '403 InvalidSignatureException',
    phase: 'describeStream at the start',
    when: 'start',
    inject: (w) => {
      w.http.answer('describeStream', 403, 'InvalidSignatureException');
    },
    fatal: DENIED,
  },
  {
    fault: '400 InvalidArgumentException',
    phase: 'putMedia',
    inject: (w) => {
      w.http.answer('putMedia', 400, 'InvalidArgumentException');
      w.http.reset();
    },
    fatal: 'STATUS_SERVICE_CALL_INVALID_ARG_ERROR',
  },
];

export const CALL_ROWS: readonly FaultRow[] = [
  ...START_ROWS,
  ...TAG_ROWS,
  ...ENDPOINT_ROWS,
  ...MEDIA_ROWS,
  ...FATAL_ROWS,
];
