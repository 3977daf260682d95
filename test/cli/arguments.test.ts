import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { suite } from '../support/suite.js';
import { kvs, sentenceOf } from './kvs.js';

const test = suite('kvs arguments', { timeout: 60_000 });

const COMMANDS = [
  ...['put', 'get', 'fragments', 'clip', 'images', 'hls-url', 'dash-url', 'inspect'],
  ...['local', 'play', 'create', 'describe', 'list', 'delete'],
];

test('the version is that of the package, and nothing else', async (t) => {
  const { version } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  const run = await kvs(t, ['--version']);
  assert.is(run.stdout.toString(), `${version}\n`);
  assert.is(run.status, 0);
  assert.is(run.stderr, '');
});

test('the help names every command, and each explains its options', async (t) => {
  const help = (await kvs(t, ['--help'])).stdout.toString();
  for (const name of COMMANDS) {
    assert.match(help, new RegExp(`^  ${name} `, 'm'));
    const run = await kvs(t, [name, '--help']);
    assert.is(run.status, 0, name);
    assert.match(run.stdout.toString(), new RegExp(`^Usage: kvs ${name}`));
    assert.match(run.stdout.toString(), /--help/);
  }
});

test('lines of the help fit into 100 columns', async (t) => {
  for (const name of COMMANDS) {
    const { stdout } = await kvs(t, ['help', name]);
    const longest = Math.max(
      ...stdout
        .toString()
        .split('\n')
        .map((line) => line.length),
    );
    assert.ok(longest <= 100, `${name}: ${longest} columns`);
  }
});

test('without a command the help is shown and the status is 2', async (t) => {
  const run = await kvs(t, []);
  assert.is(run.status, 2);
  assert.match(run.stderr, /^Usage: kvs/);
});

/** Command line, and what the one sentence about it says. */
const MISTAKES: readonly (readonly [args: string, sentence: RegExp])[] = [
  ['putt a', /there is no command "putt": did you mean put\?$/],
  ['frobnicate', /there is no command "frobnicate": commands are put, get, fragments/],
  ['--verison', /there is no option "--verison"/],
  ['put a --streem b', /put has no option --streem: did you mean --stream\?$/],
  ['put a -x', /put has no option -x/],
  ['put --stream a', /FILE is missing/],
  ['put a', /the option --stream NAME is missing/],
  ['put a b --stream c', /put takes one FILE, but was also given "b"/],
  ['list a', /list takes options only, but was also given "a"/],
  ['put a --stream', /--stream needs a value: --stream NAME/],
  ['put a --stream --json', /--stream needs a value/],
  ['put a --stream b --json=yes', /--json takes no value/],
  ['put a --stream b/c', /letters, digits and _ \. - for --stream but received "b\/c"/],
  ['put a --stream b --frame-rate 0', /from 0\.1 to 1000 for --frame-rate but received "0"/],
  ['put a --stream b --fragment-duration 1s', /from 1000 to 20000 for --fragment-duration/],
  ['put a --stream b --storage-size 1T', /a size from 10 MiB to 10 GiB, such as 64M/],
  ['put a --stream b --start-time noon', /now, a date such as .* for --start-time/],
  ['put a --stream b --format avi', /mp4, mov, .* or aac for --format but received "avi"/],
  ['put a --stream b --tag x', /KEY=VALUE for --tag but received "x"/],
  ['put a --stream b --timestamps mend', /throw, drop or fix for --timestamps/],
  ['put a --stream b --metadata AWS_X=1', /the name not beginning with AWS, for --metadata/],
  ['put a --stream b --spill-size 1M', /a size from 10 MiB to 1 TiB/],
  ['put a --stream b --spill-size 1G', /--spill-size needs --spill-dir/],
  ['put a --stream b --replay-duration 5', /no effect without --realtime/],
  ['put a --stream b --max-latency 5', /no effect without --realtime/],
  ['put a --stream b --metadata x', /NAME=VALUE for --metadata but received "x"/],
  ['put a --stream b --endpoint localhost:80', /a URL such as .* for --endpoint/],
  ['put a --stream b --realtime --as-fast-as-possible', /exclude each other/],
  ['get --stream a --start then -o b', /earliest, now or a fragment number for --start/],
  ['get --stream a -o - --json', /cannot both go to the standard output/],
  ['clip --stream a -o b', /the option --start TIME is missing/],
  ['clip --stream a --start -5x -o b', /-30s, -10m, -2h or -1d .* for --start but received "-5x"/],
  ['clip --stream a --start -5m -o - --json', /cannot both go to the standard output/],
  [
    'images --stream a --start -5m -o b --interval 5',
    /milliseconds from 200 to \d+ for --interval/,
  ],
  ['hls-url --stream a --expires 5', /seconds from 300 to 43200 for --expires/],
  ['dash-url --stream a --start -5m', /--start needs --mode live-replay or --mode on-demand/],
  ['hls-url --stream a --mode on-demand', /--mode on-demand needs --start TIME/],
  ['inspect', /FILE is missing/],
  ['local --port 70000', /Expected a port from 0 to 65535 for --port but received "70000"/],
  ['local --access-key a', /--access-key and --secret-key belong together/],
  ['local --tls-key a', /--tls-key and --tls-cert belong together/],
];

test('each mistake in a command line gets one sentence, and the status is 2', async (t) => {
  for (const [line, sentence] of MISTAKES) {
    const run = await kvs(t, line.split(' '));
    assert.match(sentenceOf(run), sentence);
    assert.match(run.stderr, /^kvs: /);
    assert.is(run.status, 2, line);
    assert.is(run.stdout.length, 0, line);
  }
});
