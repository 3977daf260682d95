/** Credentials, clocks and certificates that are wrong for a while. */
import { refuse } from '../support/http-injector.js';
import { certificates, type Certificates } from '../support/certificates.js';
import type { ProviderMood } from '../support/credential-source.js';
import type { FaultRow } from '../support/row.js';
import { STREAM, type World } from '../support/world.js';

const DENIED = 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR';
const HOUR = 3_600_000;
const nothing = (): void => undefined;

/** The service refuses the credentials handed out so far, as it does when they have expired. */
function expire(w: World): void {
  w.credentials.revoke();
  for (const operation of ['describeStream', 'getDataEndpoint', 'putMedia'] as const) {
    w.http.on(operation, ({ request, response }) => {
      if (!w.credentials.isRevoked(request.headers['x-amz-security-token'])) return false;
      refuse(request, response, 403, 'ExpiredTokenException', {
        body: '{"message":"The security token included in the request is expired"}',
      });
      return true;
    });
  }
}

const provider = (mood: ProviderMood, name: string): FaultRow => ({
  fault: `token expired, and the provider ${name}`,
  phase: 'while media flows',
  inject: (w) => {
    expire(w);
    w.credentials.mood = mood;
    w.http.reset();
  },
  repair: (w) => {
    w.credentials.mood = 'answers';
  },
  code: DENIED,
});

const CREDENTIALS: readonly FaultRow[] = [
  {
    fault: 'token expired and renewed',
    phase: 'putMedia',
    inject: (w) => {
      expire(w);
      w.http.reset();
    },
    repair: nothing,
    lasts: 0,
    code: DENIED,
  },
  {
    fault: 'token expired and renewed',
    phase: 'getDataEndpoint',
    inject: (w) => {
      expire(w);
      w.http.on('putMedia', ({ request, response }) => {
        refuse(request, response, 500, 'InternalFailure');
        return true;
      });
      w.http.reset();
    },
    repair: (w) => w.heal(),
    code: 'STATUS_SERVICE_CALL_UNKNOWN_ERROR',
  },
  provider('rejects', 'rejects'),
  provider('throws', 'throws'),
  provider('hangs', 'hangs'),
  provider('answers late', 'is slow'),
  provider('is cut off', 'is cut off'),
  {
    fault: 'provider that is cut off',
    phase: 'before the stream is made',
    when: 'start',
    inject: (w) => {
      w.credentials.mood = 'is cut off';
    },
    repair: (w) => {
      w.credentials.mood = 'answers';
    },
    code: 'STATUS_GET_STREAMING_TOKEN_CALL_FAILED',
  },
  {
    // Nothing shows that it could ever work.
    fault: 'provider that rejects',
    phase: 'before the stream is made',
    when: 'start',
    inject: (w) => {
      w.credentials.mood = 'rejects';
    },
    fatal: 'STATUS_GET_STREAMING_TOKEN_CALL_FAILED',
  },
  {
    fault: 'credentials that expire every 35 s',
    phase: 'while media flows',
    world: { lifetime: 35_000 },
    lasts: 40_000,
    inject: nothing,
    repair: nothing,
    check: ({ recorder, credentials }) => {
      if (recorder.errors.length > 0) return 'a rotation was told as an error';
      return credentials.answers > 1 ? undefined : 'nothing was renewed';
    },
  },
  {
    fault: 'credentials that expire, and the provider rejects for a while',
    phase: 'while media flows',
    world: { lifetime: 35_000 },
    lasts: 12_000,
    inject: (w) => {
      w.credentials.mood = 'rejects';
    },
    repair: (w) => {
      w.credentials.mood = 'answers';
    },
    check: ({ recorder }) =>
      recorder.errors.length > 0 ? 'the session at hand was disturbed' : undefined,
  },
];

/** Keys for 35 s, which are renewed after a quarter of that. */
const IOT: FaultRow['world'] = () => {
  const { ca, good, device } = certificates();
  const things = [{ name: STREAM, certificate: device.cert }];
  const roleAliases = { LocalRoleAlias: { duration: 35_000 } };
  return {
    iot: { ...device, ca },
    endpoint: { iot: { ca, things, roleAliases, tls: { key: good.key, cert: good.cert } } },
  };
};

const iot = (fault: string, lasts: number, inject: (w: World) => unknown): FaultRow => ({
  fault: `IoT credentials provider: ${fault}`,
  phase: 'while keys are renewed',
  world: IOT,
  lasts,
  inject,
  check: (w) => (w.iot.accepted > 1 ? undefined : 'nobody tried to renew the keys'),
});

const IOT_ROWS: readonly FaultRow[] = [
  iot('connection refused until the keys have ended', 40_000, (w) => w.iot.refuse()),
  iot('reset', 12_000, (w) => {
    w.iot.resetAfter = 600;
    w.iot.reset();
  }),
  iot('black hole', 12_000, (w) => {
    w.iot.become('swallowed');
  }),
  {
    fault: 'IoT credentials provider: connection refused',
    phase: 'before the stream is made',
    when: 'start',
    world: IOT,
    inject: (w) => w.iot.refuse(),
  },
];

const clock = (offset: number, name: string): readonly FaultRow[] => [
  {
    fault: `clock ${name}`,
    phase: 'from the start',
    when: 'start',
    inject: (w) => {
      w.clockOffset = offset;
    },
    repair: nothing,
    lasts: 0,
  },
  {
    fault: `clock steps to ${name}`,
    phase: 'while media flows',
    inject: (w) => {
      w.clockOffset = offset;
      w.http.reset();
    },
    repair: nothing,
    lasts: 0,
    code: DENIED,
  },
];

const CLOCKS: readonly FaultRow[] = [
  ...clock(HOUR, '1 h slow'),
  ...clock(-HOUR, '1 h fast'),
  {
    fault: 'clock steps back after it was corrected',
    phase: 'while media flows',
    inject: async (w) => {
      w.clockOffset = HOUR;
      w.http.reset();
      await new Promise((resolve) => setTimeout(resolve, 2000));
      w.clockOffset = 0;
      w.http.reset();
    },
    repair: nothing,
    lasts: 0,
    code: DENIED,
  },
];

const tls = (show: keyof Omit<Certificates, 'ca' | 'good'>, name: string): FaultRow => ({
  fault: `certificate ${name}`,
  phase: 'TLS handshake',
  world: () => ({ tls: certificates().good, client: { ca: certificates().ca } }),
  inject: (w) => {
    w.http.present(certificates()[show]);
    w.tcp.reset();
  },
  repair: (w) => {
    w.http.present(certificates().good);
  },
  code: 'STATUS_SERVICE_CALL_UNKNOWN_ERROR',
});

const handshake = (fault: string, inject: (w: World) => void): FaultRow => ({
  fault,
  phase: 'TLS handshake',
  lasts: 4000,
  world: () => ({
    tls: certificates().good,
    client: { ca: certificates().ca },
    endpoint: { idleTimeout: 2000 },
  }),
  inject: (w) => {
    inject(w);
    w.tcp.reset();
  },
});

const TLS: readonly FaultRow[] = [
  tls('expired', 'that has expired'),
  tls('wrongHost', 'of another host'),
  tls('untrusted', 'of an authority that is not trusted'),
  handshake('reset', (w) => {
    w.tcp.resetAfter = 100;
  }),
  handshake('black hole', (w) => {
    w.tcp.fate = 'swallowed';
  }),
  handshake('half-open', (w) => {
    w.tcp.fate = 'ignored';
  }),
];

export const IDENTITY_ROWS: readonly FaultRow[] = [...CREDENTIALS, ...IOT_ROWS, ...CLOCKS, ...TLS];
