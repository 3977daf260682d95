import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { startFake } from '../producer/support/fake-service.js';
import { suite } from '../support/suite.js';

const test = suite('import cost', { timeout: 60_000 });

const DIST = new URL('../../dist/', import.meta.url).href;

/** What a process has loaded by the end of a program. */
interface Loaded {
  /** Built-in modules of Node.js, without `node:`. */
  builtins: string[];
  /** Files, as URLs or paths. */
  files: string[];
  /** Bytes of resident memory that came with it. */
  memory: number;
}

/** Has the debugger note all scripts that are compiled, whoever loads them and how. */
const BEFORE = `
  import { Session } from 'node:inspector';
  import { writeSync } from 'node:fs';
  const files = [];
  const session = new Session();
  session.connect();
  session.on('Debugger.scriptParsed', ({ params }) => files.push(params.url));
  session.post('Debugger.enable');
  files.length = 0;
  const known = new Set(process.moduleLoadList);
  const before = process.memoryUsage.rss();
  process.on('exit', () => {
    const memory = process.memoryUsage.rss() - before;
    const builtins = process.moduleLoadList
      .filter((entry) => entry.startsWith('NativeModule ') && !known.has(entry))
      .map((entry) => entry.slice('NativeModule '.length));
    writeSync(2, JSON.stringify({ builtins, files, memory }));
  });
`;

/** Runs a program in a process of its own. */
async function loadedBy(program: string): Promise<Loaded> {
  const args = ['--input-type=module', '--no-warnings', '-e', BEFORE + program];
  const { stderr } = await promisify(execFile)(process.execPath, args, { timeout: 50_000 });
  return JSON.parse(stderr) as Loaded;
}

/** The packages that other people wrote. */
function packagesOf({ files }: Loaded): string[] {
  const names = files.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
  return [...new Set(names)].sort();
}

function filesOfOurs({ files }: Loaded): string[] {
  return files.filter((file) => file.startsWith(DIST));
}

test('importing the package loads no dependency, and nothing that makes connections', async () => {
  const loaded = await loadedBy(`await import(${JSON.stringify(`${DIST}index.js`)});`);
  assert.equal(packagesOf(loaded), []);
  const heavy = ['crypto', 'dns', 'net', 'tls', 'http', 'https', 'child_process'];
  assert.equal(
    heavy.filter((name) => loaded.builtins.includes(name)),
    [],
  );
});

test('importing the package reads few files and takes less than 20 MB', async () => {
  const loaded = await loadedBy(`await import(${JSON.stringify(`${DIST}index.js`)});`);
  const ours = filesOfOurs(loaded);
  assert.ok(ours.length > 0 && ours.length <= 25, `${ours.length} files`);
  assert.ok(loaded.memory < 20e6, `${loaded.memory} bytes`);
});

test('a stream whose endpoint and credentials are given needs nothing of the AWS SDK', async (t) => {
  const { endpoint, uploads } = await startFake(t, (upload) => {
    upload.readAndAck();
  });
  const options = {
    region: 'us-west-2',
    endpoint,
    dataEndpoint: endpoint,
    minimalPermissions: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const loaded = await loadedBy(`
    const { KinesisVideoClient } = await import(${JSON.stringify(`${DIST}index.js`)});
    const client = new KinesisVideoClient(${JSON.stringify(options)});
    const stream = await client.createStream({
      streamName: 'camera',
      retentionPeriod: 24,
      tracks: [{ codecId: 'V_TEST' }],
    });
    stream.putFrame({ data: Buffer.alloc(100), keyFrame: true, presentationTs: Date.now() });
    await stream.stop();
    await client.close();
  `);
  assert.is(uploads.length, 1);
  assert.equal(
    packagesOf(loaded).filter((name) => name.startsWith('@aws-sdk/')),
    [],
  );
});

for (const argument of ['--version', '--help']) {
  test(`kvs ${argument} loads neither the producer nor a dependency`, async () => {
    const loaded = await loadedBy(`
      process.argv = [process.argv[0], 'kvs', '${argument}'];
      await import(${JSON.stringify(`${DIST}cli/main.js`)});
    `);
    assert.equal(packagesOf(loaded), []);
    const ours = filesOfOurs(loaded);
    assert.ok(ours.length > 0 && ours.length <= 8, ours.join('\n'));
  });
}
