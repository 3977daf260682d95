import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { parseProxy, type ProxyOption } from '../../ts/network/parse-proxy.js';
import { ProxyChoice } from '../../ts/network/proxy.js';
import { suite, type TestContext } from '../support/suite.js';
import { setEnvironment } from './support/dialing.js';

const test = suite('choice of a proxy');

const VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/** The proxy for a URL with only these variables set. */
function choose(
  t: TestContext,
  url: string,
  variables: Record<string, string>,
  option?: ProxyOption,
): string | undefined {
  setEnvironment(t, Object.fromEntries(VARIABLES.map((name) => [name, variables[name]])));
  const proxy = new ProxyChoice(option).for(new URL(url));
  return proxy && String(proxy);
}

const HTTPS = 'https://kinesisvideo.us-west-2.amazonaws.com';
const HTTP = 'http://gateway.test:8080';

test('HTTPS_PROXY and HTTP_PROXY are for their schemes, ALL_PROXY for what has none', (t) => {
  const both = { HTTPS_PROXY: 'http://secure:1', HTTP_PROXY: 'http://plain:2' };
  assert.is(choose(t, HTTPS, both), 'http://secure:1');
  assert.is(choose(t, HTTP, both), 'http://plain:2');
  assert.is(choose(t, HTTPS, { HTTP_PROXY: 'http://plain:2' }), undefined);
  assert.is(
    choose(t, HTTPS, { ALL_PROXY: 'http://all:3', HTTP_PROXY: 'http://p:2' }),
    'http://all:3',
  );
  assert.is(choose(t, HTTPS, {}), undefined);
});

test('a variable in lower case counts first, and one that is empty does not count', (t) => {
  const both = { https_proxy: 'http://lower:1', HTTPS_PROXY: 'http://upper:2' };
  assert.is(choose(t, HTTPS, both), 'http://lower:1');
  assert.is(choose(t, HTTPS, { https_proxy: '', HTTPS_PROXY: 'http://upper:2' }), 'http://upper:2');
});

test('a proxy without a scheme is spoken to in plain HTTP, and ports have their defaults', (t) => {
  assert.is(choose(t, HTTPS, { HTTPS_PROXY: 'proxy:3128' }), 'http://proxy:3128');
  assert.is(choose(t, HTTPS, { HTTPS_PROXY: 'http://proxy' }), 'http://proxy:80');
  assert.is(choose(t, HTTPS, { HTTPS_PROXY: 'https://proxy/' }), 'https://proxy:443');
  assert.is(choose(t, HTTPS, { HTTPS_PROXY: 'http://[fe80::1]:3128' }), 'http://[fe80::1]:3128');
});

for (const [noProxy, url, isProxied] of [
  ['*', HTTPS, false],
  ['amazonaws.com', HTTPS, false],
  ['.amazonaws.com', HTTPS, false],
  ['*.amazonaws.com', HTTPS, false],
  ['AmazonAWS.com', HTTPS, false],
  ['kinesisvideo.us-west-2.amazonaws.com', HTTPS, false],
  ['kinesisvideo.us-west-2.amazonaws.com:443', HTTPS, false],
  ['kinesisvideo.us-west-2.amazonaws.com:444', HTTPS, true],
  ['aws.com', HTTPS, true],
  ['us-west-2', HTTPS, true],
  ['example.com, amazonaws.com', HTTPS, false],
  ['example.com amazonaws.com', HTTPS, false],
  ['10.0.0.0/8', 'https://10.1.2.3', false],
  ['10.0.0.0/8', 'https://11.1.2.3', true],
  ['10.0.0.0/x', 'https://10.1.2.3', true],
  ['10.1.2.3', 'https://10.1.2.3', false],
  ['0.1.2.3', 'https://10.1.2.3', true],
  ['fd00::/8', 'https://[fd00::1]', false],
  ['fd00::1', 'https://[fd00::1]', false],
  ['[fd00::1]:443', 'https://[fd00::1]', false],
  ['[fd00::1]:444', 'https://[fd00::1]', true],
  ['', 'https://localhost:8443', false],
  ['', 'https://127.0.0.1:8443', false],
  ['', 'https://[::1]:8443', false],
  ['', 'https://a.localhost', false],
  [',, ', HTTPS, true],
] as const) {
  const how = isProxied ? 'through the proxy' : 'directly';
  test(`with NO_PROXY="${noProxy}", ${url} is reached ${how}`, (t) => {
    const proxy = choose(t, url, { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: noProxy });
    assert.is(proxy !== undefined, isProxied);
  });
}

test('the option counts before the environment, and false means no proxy', (t) => {
  const variables = { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: '*' };
  assert.is(choose(t, HTTPS, variables, 'http://mine:1'), 'http://mine:1');
  assert.is(choose(t, 'https://127.0.0.1', variables, 'http://mine:1'), 'http://mine:1');
  assert.is(choose(t, HTTPS, variables, false), undefined);
});

test('user and password are decoded for the header and shown nowhere', () => {
  const proxy = parseProxy('http://door%40home:c%3Anary%2F0815@proxy:3128', '`proxy`');
  const expected = Buffer.from('door@home:c:nary/0815').toString('base64');
  assert.is(proxy.authorization(), `Basic ${expected}`);
  for (const shown of [
    String(proxy),
    inspect(proxy, { showHidden: true }),
    JSON.stringify(proxy),
  ]) {
    assert.not.match(shown, /nary|0815|door/);
    assert.not.ok(shown.includes(expected));
  }
  assert.is(parseProxy('http://proxy:3128', '`proxy`').authorization(), undefined);
});

test('what is no URL of an HTTP proxy is refused by the name of its variable, unshown', (t) => {
  for (const value of [
    'socks5://u:canary0815@h:1',
    'http://u:canary0815@',
    'http://u:canary0815@h:x',
  ]) {
    try {
      choose(t, HTTPS, { HTTPS_PROXY: value });
      assert.unreachable(`${value} was taken`);
    } catch (error) {
      assert.instance(error, KinesisVideoError);
      assert.match((error as KinesisVideoError).message, /HTTPS_PROXY/);
      assert.not.match(inspect(error), /canary/);
    }
  }
});
