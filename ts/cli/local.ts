import { KinesisVideoError } from '../internal/errors.js';
import { expected } from '../internal/options.js';
import { once } from 'node:events';
import { defineCommand } from './command.js';
import { LOCAL_KEYS, LOCAL_REGION, regionOfEnvironment } from './connection.js';
import { columns } from './help.js';
import { INTERRUPTED_STATUS, Interrupts } from './interrupts.js';
import { IOT_OPTIONS, iotCertificateString, readIot, readPem } from './local-iot.js';
import { readService, SERVICE_NOTES, SERVICE_OPTIONS } from './local-service.js';
import { JsonLines } from './json-lines.js';
import { flag, text, value, valueOr, type OptionValues } from './options.js';
import { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';
import type { LocalCredentials, LocalKinesisVideo } from '../local/index.js';

/** "KVS" and a zero on the keys of a telephone. */
const DEFAULT_PORT = 5870;

const OPTIONS = {
  port: valueOr('P', `TCP port; 0 takes a free one (default: ${DEFAULT_PORT})`, port, DEFAULT_PORT),
  host: valueOr('HOST', 'address to listen on (default: 127.0.0.1)', text, '127.0.0.1'),
  data: value('DIR', 'folder for the media (default: a temporary one, removed at the end)', text),
  images: value('DIR', 'folder for images: s3://bucket/prefix is DIR/bucket/prefix', text),
  region: value('REGION', `region to pose as (default: AWS_REGION, or ${LOCAL_REGION})`, text),
  accessKey: value('K', 'accept this access key id too', text),
  secretKey: value('S', 'the secret access key that belongs to it', text),
  tlsKey: value('FILE', 'private key (PEM), to serve HTTPS', text),
  tlsCert: value('FILE', 'certificate (PEM), to serve HTTPS', text),
  ...IOT_OPTIONS,
  ...SERVICE_OPTIONS,
  json: flag('print one JSON object a line: ready, closed'),
  verbose: flag('tell about every request that is refused'),
};

function port(given: string, name: string): number {
  if (/^\d+$/.test(given) && Number(given) <= 65_535) return Number(given);
  throw expected('a port from 0 to 65535', name, given);
}

type LocalOptions = OptionValues<typeof OPTIONS>;

/** `kvs local`. */
export const command = defineCommand({
  name: 'local',
  usage: 'local [options]',
  description:
    'Runs an endpoint on this machine that speaks the API of Kinesis Video Streams, to try and to\n' +
    'test without an AWS account. It verifies signatures; the key pair local / local is accepted,\n' +
    'and that of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  options: OPTIONS,
  examples: [
    'kvs local',
    'kvs local --port 0 --data ./streams --json',
    'kvs local --fault PutMedia:error=503,first=2 --fault PutMedia:reset,after=10,probability=0.2',
    'kvs local --access-key cam --secret-key secret --allow PutMedia,GetDataEndpoint,DescribeStream@cam',
  ],
  notes: [...SERVICE_NOTES, 'Ctrl-C ends it.'],
  async run(options) {
    const tls = await readTls(options);
    const iot = await readIot(options, tls !== undefined);
    const credentials = keyPairs(options);
    const interrupts = new Interrupts();
    interrupts.abort.addEventListener('abort', () => process.exit(INTERRUPTED_STATUS));
    const { startLocalKinesisVideo } = await import('../local/index.js');
    const terminal = new Terminal();
    const local = await startLocalKinesisVideo({
      port: options.port,
      host: options.host,
      region: options.region ?? regionOfEnvironment() ?? LOCAL_REGION,
      credentials,
      log: (sentence) => {
        if (options.verbose) terminal.line(sentence);
      },
      ...readService(options),
      ...(options.data !== undefined && { dataDir: options.data }),
      ...(options.images !== undefined && { imagesDir: options.images }),
      ...(tls && { tls }),
      ...(iot && { iot }),
    }).catch(asUsageError);
    const json = new JsonLines(options.json);
    const { endpoint, region, dataDir } = local;
    json.write('ready', { endpoint, region, dataDir, iotEndpoint: local.iot?.endpoint });
    if (!options.json) process.stdout.write(introduction(local, options));
    if (!interrupts.finish.aborted) await once(interrupts.finish, 'abort');
    await local.close();
    interrupts.dispose();
    json.write('closed', { endpoint });
    return 0;
  },
});

/** An argument that is refused for what it is, not for what the machine does with it. */
function asUsageError(error: unknown): never {
  if (!(error instanceof KinesisVideoError) || error.cause !== undefined) throw error;
  throw error.code === 'STATUS_INVALID_ARG' ? new UsageError(error.message) : error;
}

/** What to know about the endpoint, and what to type next. */
function introduction(local: LocalKinesisVideo, options: LocalOptions): string {
  const { endpoint, region, dataDir } = local;
  const common = [
    `--endpoint ${endpoint}`,
    ...(region === LOCAL_REGION ? [] : [`--region ${region}`]),
    ...(options.tlsCert === undefined ? [] : [`--ca ${options.tlsCert}`]),
  ].join(' ');
  const { iot } = local;
  const provider = iot && iotCertificateString(iot.endpoint, options, options.tlsCert ?? '');
  const facts = columns([
    ['endpoint', endpoint],
    ['region', region],
    ['keys', 'local / local'],
    ...(provider === undefined ? [] : [['IoT', provider] as const]),
    ['metrics', `${endpoint}/metrics`],
    ...options.fault.map((fault) => ['fault', fault] as const),
    ...(options.quotas ? [['quotas', 'in force'] as const] : []),
    ['data', options.data === undefined ? `${dataDir} (removed at the end)` : dataDir],
  ]);
  return `Kinesis Video Streams on this machine; Ctrl-C ends it.

${facts}

In another terminal:
  kvs put FILE --stream test ${common}
  kvs get --stream test -o test.mkv ${common}
`;
}

/** The key pairs to accept: the well-known one, that of the environment, and that of the options. */
function keyPairs({ accessKey, secretKey, allow }: LocalOptions): LocalCredentials[] {
  if ((accessKey === undefined) !== (secretKey === undefined)) {
    throw new UsageError('--access-key and --secret-key belong together');
  }
  if (allow.length > 0 && accessKey === undefined) {
    throw new UsageError('--allow is about the key of --access-key and --secret-key');
  }
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  const pairs = [
    [LOCAL_KEYS.accessKeyId, LOCAL_KEYS.secretAccessKey],
    [AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY],
    [accessKey, secretKey],
  ];
  return pairs.flatMap(([accessKeyId, secretAccessKey]) => {
    if (!accessKeyId || !secretAccessKey) return [];
    const isLimited = accessKeyId === accessKey && allow.length > 0;
    return [{ accessKeyId, secretAccessKey, ...(isLimited && { allow }) }];
  });
}

async function readTls({ tlsKey, tlsCert }: LocalOptions) {
  if (tlsKey === undefined && tlsCert === undefined) return undefined;
  if (tlsKey === undefined || tlsCert === undefined) {
    throw new UsageError('--tls-key and --tls-cert belong together');
  }
  return { key: await readPem(tlsKey), cert: await readPem(tlsCert) };
}
