import * as assert from 'uvu/assert';
import { existsSync, readdirSync } from 'node:fs';
import { suite } from '../support/suite.js';
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
