import * as assert from 'uvu/assert';
import { existsSync, readdirSync } from 'node:fs';
import { UsageError } from '../../ts/cli/usage-error.js';
import { suite } from '../support/suite.js';
import { parseArguments } from '../../ts/cli/arguments.js';
import { command } from '../../ts/cli/local.js';
import { fixture, kvs, startLocal, temporaryFolder, requireSignals } from './kvs.js';

const test = suite('kvs local', { timeout: 60_000 });

test('with --json the endpoint is told first, and an interrupt ends it cleanly', async (t) => {
  requireSignals(t);
  const data = temporaryFolder(t);
  const results: (number | null)[] = [];
  const run = await kvs(t, ['local', '--port', '0', '--data', data, '--json'], {
    onOutput: (stdout, child) => {
      const [line] = stdout.split('\n');
      if (results.length > 0 || line === undefined) return;
      results.push(null);
      const { endpoint } = JSON.parse(line) as { endpoint: string };
      const put = ['put', fixture('h264-aac.mp4'), '--stream', 'a', '--endpoint', endpoint];
      void kvs(t, put).then(({ status }) => {
        results.push(status);
        child.kill('SIGINT');
      });
    },
  });
  assert.is(run.status, 0, run.stderr);
  assert.is(run.stderr, '');
  assert.equal(results, [null, 0]);
  assert.equal(
    run.lines.map(({ type }) => type),
    ['ready', 'closed'],
  );
  assert.ok(readdirSync(data).length > 0);
});

test('people are told the endpoint and the commands to type next', async (t) => {
  requireSignals(t);
  const run = await kvs(t, ['local', '--port', '0'], {
    env: { AWS_REGION: 'eu-west-1' },
    onOutput: (stdout, child) => {
      if (stdout.includes('kvs get')) child.kill('SIGTERM');
    },
  });
  assert.is(run.status, 0, run.stderr);
  const text = run.stdout.toString();
  const [, endpoint = ''] = /endpoint +(http:\S+)/.exec(text) ?? [];
  assert.ok(text.includes(`kvs put FILE --stream test --endpoint ${endpoint} --region eu-west-1`));
  const [, folder = ''] = /data +(\S+) \(removed at the end\)/.exec(text) ?? [];
  assert.ok(folder !== '' && !existsSync(folder), folder);
});

test('the keys of the environment and of the options are accepted', async (t) => {
  requireSignals(t);
  const pairs = [
    ['local', 'local'],
    ['AKIAENVIRONMENT', 'environment-secret'],
    ['AKIAOPTION', 'option-secret'],
  ];
  const statuses: (number | null)[] = [];
  let isAsking = false;
  const option = ['--access-key', 'AKIAOPTION', '--secret-key', 'option-secret'];
  await kvs(t, ['local', '--port', '0', '--json', ...option], {
    env: { AWS_ACCESS_KEY_ID: 'AKIAENVIRONMENT', AWS_SECRET_ACCESS_KEY: 'environment-secret' },
    onOutput: (stdout, child) => {
      if (isAsking) return;
      isAsking = true;
      const { endpoint } = JSON.parse(stdout) as { endpoint: string };
      const runs = pairs.map(([AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY]) =>
        kvs(t, ['list', '--endpoint', endpoint], {
          env: { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY },
        }),
      );
      void Promise.all(runs).then((lists) => {
        statuses.push(...lists.map(({ status }) => status));
        child.kill('SIGINT');
      });
    },
  });
  assert.equal(statuses, [0, 0, 0]);
});

test('a port that is in use is reported with the remedy', async (t) => {
  const { endpoint } = await startLocal(t);
  const { port } = new URL(endpoint);
  const run = await kvs(t, ['local', '--port', port]);
  assert.is(run.status, 1);
  assert.match(
    run.stderr,
    /^kvs: Port \d+ on 127\.0\.0\.1 is in use\. Choose another port[^\n]*\n$/,
  );
});

test('faults, quotas, limited keys and notifications are options', async (t) => {
  requireSignals(t);
  const results: unknown[] = [];
  let isAsking = false;
  const limited = [
    '--access-key',
    'CAM',
    '--secret-key',
    'secret-of-cam',
    '--allow',
    'DescribeStream@c*,yard',
  ];
  const args = [
    '--fault',
    'DescribeStream:delay=1',
    '--fault',
    'GetDataEndpoint:error=500',
    '--quotas',
  ];
  const options = [...limited, ...args, '--notify', 'http://127.0.0.1:9/', '--fault-seed', '3'];
  const run = await kvs(t, ['local', '--port', '0', ...options], {
    onOutput: (stdout, child) => {
      const [, endpoint] = /endpoint +(http:\S+)/.exec(stdout) ?? [];
      if (isAsking || endpoint === undefined || !stdout.includes('kvs get')) return;
      isAsking = true;
      void ask(endpoint).then((answers) => {
        results.push(...answers);
        child.kill('SIGINT');
      });
    },
  });
  async function ask(endpoint: string): Promise<unknown[]> {
    const env = { AWS_ACCESS_KEY_ID: 'CAM', AWS_SECRET_ACCESS_KEY: 'secret-of-cam' };
    const created = await kvs(t, ['create', '--stream', 'cam', '--endpoint', endpoint]);
    const described = await kvs(t, ['describe', '--stream', 'cam', '--endpoint', endpoint], {
      env,
    });
    const refused = await kvs(t, ['list', '--endpoint', endpoint], { env });
    const metrics = await (await fetch(`${endpoint}/metrics`)).text();
    return [created.status, described.status, refused.stderr, metrics];
  }
  assert.is(run.status, 0, run.stderr);
  const [created, described, refused, metrics] = results;
  assert.equal([created, described], [0, 0]);
  assert.match(String(refused), /user\/CAM is not authorized to perform: kinesisvideo:ListStreams/);
  assert.match(String(metrics), 'kinesisvideo_put_media_active_connections{stream="cam"} 0');
  const text = run.stdout.toString();
  assert.match(text, /fault +GetDataEndpoint:error=500\n/);
  assert.match(text, /quotas +in force\n/);
});

test('options that are not well-formed are reported with their form', async () => {
  const cases: [args: string[], message: string][] = [
    [['--allow', 'PutMedia'], '--allow is about the key of --access-key and --secret-key'],
    [['--allow', 'a@b@c'], "Expected ACTIONS[@STREAMS], such as 'PutMedia,GetDataEndpoint@cam*'"],
    [['--allow', 'a,@b'], 'Expected ACTIONS[@STREAMS]'],
    [['--notify', 'ftp://x/'], 'Expected an http or https URL, or TOPIC_ARN=URL, for --notify'],
    [['--notify', 'arn:aws:sns:us-west-2:1:door=x'], 'Expected an http or https URL'],
    [['--notify', 'http://a/', '--notify', 'http://b/'], 'one URL for all topics, or a TOPIC=URL'],
    [['--fault-seed', '-1'], 'Expected a whole number of up to 9 digits for --fault-seed'],
    [['--fault', 'hang'], 'Expected a fault of the form OPERATION:EFFECT'],
  ];
  for (const [args, expected] of cases) {
    const run = async (): Promise<void> => {
      await command.run(parseArguments(command, ['--port', '0', ...args]).options, '');
    };
    const error = await run().catch((reason: unknown) => reason);
    assert.ok(String(error).includes(expected), `${String(error)} / ${expected}`);
    if (args[0] === '--fault') assert.instance(error, UsageError);
  }
});
