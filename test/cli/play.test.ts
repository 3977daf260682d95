import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { kvs, requireSignals, sentenceOf, startLocal, type JsonLine } from './kvs.js';

const test = suite('kvs play', { timeout: 60_000 });

interface Fragment {
  readonly duration: number;
  readonly size: number;
}

/** The first line of `--json`, once it is there. */
function firstLine(stdout: string): JsonLine | undefined {
  const [line, rest] = stdout.split('\n', 2);
  return line === undefined || rest === undefined ? undefined : (JSON.parse(line) as JsonLine);
}

async function get(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

/** Asks until there is a fragment that has been stored. */
async function firstFragment(url: string): Promise<Fragment | undefined> {
  for (let attempt = 0; attempt < 150; attempt += 1) {
    const range = `start=0&end=${Date.now() + 1000}`;
    const [found] = (await get(`${url}fragments?${range}`)) as Fragment[];
    if (found !== undefined) return found;
    await sleep(100);
  }
  return undefined;
}

test('one command starts an endpoint, a producer and the page, without ffmpeg too', async (t) => {
  requireSignals(t);
  const asked: Promise<unknown>[] = [];
  const run = await kvs(t, ['play', '--demo', '--port', '0', '--json'], {
    env: { PATH: '/nonexistent' },
    onOutput: (stdout, child) => {
      const ready = firstLine(stdout);
      if (asked.length > 0 || ready === undefined) return;
      const url = String(ready['url']);
      asked.push(get(`${url}config`), firstFragment(url));
      void Promise.allSettled(asked).then(() => child.kill('SIGINT'));
    },
  });
  assert.is(run.status, 0, run.stderr);
  assert.is(run.stderr, '');
  const [ready] = run.lines;
  assert.is(ready?.['source'], 'a clip that is repeated');
  assert.match(String(ready?.['url']), /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/$/);
  assert.equal(
    run.lines.map(({ type }) => type),
    ['ready', 'closed'],
  );
  const [config, fragment] = (await Promise.all(asked)) as [object, Fragment | undefined];
  assert.equal(config, {
    streamName: 'demo',
    region: 'us-west-2',
    endpoint: ready?.['endpoint'],
    hasProducer: true,
  });
  assert.ok(fragment !== undefined && fragment.size > 1000, 'the producer sends');
});

test('people are told the address, and how to end it', async (t) => {
  requireSignals(t);
  const { endpoint } = await startLocal(t);
  const run = await kvs(t, ['play', '--stream', 'door', '--endpoint', endpoint, '--port', '0'], {
    onOutput: (stdout, child) => {
      if (stdout.includes('http:')) child.kill('SIGTERM');
    },
  });
  assert.is(run.status, 0, run.stderr);
  assert.match(
    run.stdout.toString(),
    /^Playing stream "door"; Ctrl-C ends it\.\n\n {2}http:\S+\n$/,
  );
});

test('what is wrong with the options is told in a sentence', async (t) => {
  const mistakes = [
    [['play'], 'the option --stream NAME is missing'],
    [['play', '--demo', '--endpoint', 'http://127.0.0.1:1'], 'leave --endpoint out'],
    [['play', '--stream', 'a', '--port', '70000'], 'from 0 to 65535'],
  ] as const;
  for (const [args, sentence] of mistakes) {
    const run = await kvs(t, args);
    assert.is(run.status, 2, run.stderr);
    assert.ok(sentenceOf(run).includes(sentence), run.stderr);
  }
});

test('a port that is taken is told with a remedy', async (t) => {
  const { endpoint } = await startLocal(t);
  const port = new URL(endpoint).port;
  const run = await kvs(t, ['play', '--stream', 'a', '--endpoint', endpoint, '--port', port]);
  assert.is(run.status, 1);
  assert.match(sentenceOf(run), `port ${port}`);
});
