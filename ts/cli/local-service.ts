/** The options of `kvs local` for what the service does besides taking and giving media. */
import { expected } from '../internal/options.js';
import type { LocalFault, LocalPermission, NotificationTarget } from '../local/index.js';
import { flag, repeated, text, value, type OptionValues } from './options.js';
import { UsageError } from './usage-error.js';

export const SERVICE_OPTIONS = {
  allow: repeated('ACTIONS[@STREAMS]', 'all that --access-key may do; may be repeated', permission),
  quotas: flag('refuse what is beyond the quotas of the service'),
  fault: repeated('SPEC', 'make something go wrong; may be repeated', text),
  faultSeed: value('N', 'repeat the chance of faults (default: 0)', seed),
  notify: repeated('[TOPIC=]URL', 'post notifications to this URL; may be repeated', target),
};

/** Lines of the help about these options. */
export const SERVICE_NOTES = [
  'A fault is OPERATION:EFFECT[=VALUE][,NAME=VALUE...]. OPERATION is a name of the API, or * for all.\n' +
    'EFFECT is error=EXCEPTION, error=STATUS, delay=MS, hang, reset, slow=BYTES_PER_SECOND, or for\n' +
    'PutMedia ack-error=ID or drop-acks[=TYPE+TYPE]. NAME says which calls: first=N, every=N,\n' +
    'probability=P, stream=NAME; and when: after=FRAGMENTS of PutMedia, bytes=N of an answer.',
  'Metrics for Prometheus are at /metrics, under the names of CloudWatch.',
];

/** What those options are read into. */
export type ServiceOptions = OptionValues<typeof SERVICE_OPTIONS>;

/** Where one topic, or all of them, are posted to. */
interface GivenTarget {
  readonly topic?: string;
  readonly url: string;
}

function seed(given: string, name: string): number {
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw expected('a whole number of up to 9 digits', name, given);
}

function permission(given: string, name: string): LocalPermission {
  const [actions = '', streams, ...more] = given.split('@');
  const lists = [actions, ...(streams === undefined ? [] : [streams])].map((list) =>
    list.split(','),
  );
  const [first = [], second] = lists;
  if (more.length > 0 || lists.flat().includes('')) {
    const example = "such as 'PutMedia,GetDataEndpoint@cam*'";
    throw new UsageError(`Expected ACTIONS[@STREAMS], ${example}, for ${name}, not '${given}'`);
  }
  return { actions: first, ...(second && { streams: second }) };
}

function target(given: string, name: string): GivenTarget {
  const [, topic, url = ''] = /^(?:(arn:[^=]*)=)?(.*)$/.exec(given) ?? [];
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new UsageError(
      `Expected an http or https URL, or TOPIC_ARN=URL, for ${name}, not '${given}'`,
    );
  }
  return { url, ...(topic !== undefined && { topic }) };
}

/** What `startLocalKinesisVideo` takes for these options. */
export function readService({ quotas, fault, faultSeed, notify }: ServiceOptions): {
  quotas: boolean;
  faults: readonly (LocalFault | string)[];
  faultSeed?: number;
  notificationTarget?: NotificationTarget;
} {
  const notificationTarget = readTargets(notify);
  return {
    quotas,
    faults: fault,
    ...(faultSeed !== undefined && { faultSeed }),
    ...(notificationTarget !== undefined && { notificationTarget }),
  };
}

function readTargets(given: readonly GivenTarget[]): NotificationTarget | undefined {
  const general = given.filter(({ topic }) => topic === undefined);
  if (general.length === 0) {
    const urls = given.map(({ topic = '', url }) => [topic, url]);
    return urls.length === 0 ? undefined : (Object.fromEntries(urls) as NotificationTarget);
  }
  if (given.length > 1) {
    throw new UsageError('--notify takes one URL for all topics, or a TOPIC=URL for each');
  }
  return general[0]?.url;
}
