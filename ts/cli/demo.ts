/**
 * `npm run demo`: streams a clip to an endpoint on this machine at the speed of the media, reads it
 * back, and compares. It exits with 1 when anything differs.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLocalKinesisVideo } from '../local/index.js';
import { compareMedia, decodesSilently, type Check } from './demo/checks.js';
import { get } from './get/get.js';
import { INTERRUPTED_STATUS, Interrupts } from './interrupts.js';
import { put } from './put/put.js';
import { CONNECTION_OPTIONS, type ConnectionOptions } from './connection.js';
import { LOG_OPTIONS } from './log.js';
import { defaultsOf } from './options.js';

// The AWS SDK has something to say about the version of Node.js, which is no part of this.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const ROOT = new URL('../../', import.meta.url);
const CLIP = fileURLToPath(new URL('test/fixtures/clip.mp4', ROOT));
const [ARGUMENT] = process.argv.slice(2);
/** Where the media that come back are kept: an argument, or a file in build/. */
const COPY = resolve(ARGUMENT ?? fileURLToPath(new URL('build/demo.mkv', ROOT)));
const HELP = `Usage: npm run demo [-- FILE]

Streams test/fixtures/clip.mp4 for eight seconds to an endpoint on this machine, reads it back into
FILE (default: build/demo.mkv), and compares every packet. Exit status: 0 when all are the same.
`;
const STREAM = 'demo';

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A path as it can be typed here. */
function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}

async function main(): Promise<number> {
  const interrupts = new Interrupts();
  await mkdir(dirname(COPY), { recursive: true });
  const local = await startLocalKinesisVideo();
  try {
    const startTime = Date.now();
    const { endpoint, region } = local;
    const connection = { ...defaultsOf(CONNECTION_OPTIONS), endpoint, region };
    say(`A Kinesis Video Streams endpoint runs at ${local.endpoint}`);
    say(`\nSending ${shown(CLIP)} to stream "${STREAM}" at the speed of the media`);
    const sent = await send(connection, startTime);
    if (interrupts.finish.aborted) return INTERRUPTED_STATUS;
    say(`\nReading the stream back`);
    const received = await receive(connection);
    if (sent !== 0 || received !== 0) return 1;

    say('\nChecking');
    const checks = [
      { passed: true, text: 'the service confirmed every fragment as PERSISTED' },
      ...(await compareMedia(CLIP, COPY, startTime)),
      decodesSilently(COPY),
    ];
    return tell(checks);
  } finally {
    interrupts.dispose();
    await local.close();
  }
}

/** What `kvs put` does. */
function send(connection: ConnectionOptions, startTime: number): Promise<number> {
  return put(shown(CLIP), {
    ...connection,
    ...defaultsOf(LOG_OPTIONS),
    stream: STREAM,
    realtime: true,
    asFastAsPossible: false,
    json: false,
    format: undefined,
    frameRate: undefined,
    tracks: 'all',
    startTime,
    fragmentDuration: 2000,
    timestamps: 'throw',
    replayDuration: undefined,
    maxLatency: 0,
    idleTimeout: undefined,
    metadata: [],
    relative: false,
    storageSize: 16 * 1024 ** 2,
    spillDir: undefined,
    spillSize: undefined,
    retention: 1,
    minimalPermissions: false,
    noCreate: false,
    tag: [],
    stallTimeout: 10,
    stopTimeout: 10,
    verbose: true,
  });
}

/** What `kvs get` does. */
function receive(connection: ConnectionOptions): Promise<number> {
  return get(shown(COPY), {
    ...connection,
    ...defaultsOf(LOG_OPTIONS),
    stream: STREAM,
    start: 'earliest',
    output: shown(COPY),
    follow: false,
    raw: false,
    json: false,
  });
}

function tell(checks: readonly Check[]): number {
  for (const { passed, text } of checks) {
    say(`  ${passed === undefined ? 'skipped' : passed ? 'ok     ' : 'FAILED '}  ${text}`);
  }
  if (checks.some(({ passed }) => passed === false)) return 1;
  say(`
Next
  ffplay ${shown(COPY)}                    look at what came back
  node dist/cli/main.js local              run the endpoint yourself
  node dist/cli/main.js put --help         send your own files and pipes
  README.md                                stream from a program of yours`);
  return 0;
}

/** Runs the demonstration, unless the argument asks for something else; returns the exit status. */
async function run(): Promise<number> {
  if (ARGUMENT === '--help' || ARGUMENT === '-h') {
    process.stdout.write(HELP);
    return 0;
  }
  if (ARGUMENT?.startsWith('-') === true) {
    process.stderr.write(`demo has no option ${ARGUMENT}\n\n${HELP}`);
    return 2;
  }
  return main();
}

run().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
