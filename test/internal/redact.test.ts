import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { redact, redactError, redactValue, redactValues } from '../../ts/internal/redact.js';
import { CANARY } from '../support/canary.js';
import { suite } from '../support/suite.js';

const test = suite('redaction', { timeout: 60_000 });

const SECRET = `${CANARY}/x+y=`;

/** Everything that can be printed of a value. */
function shown(value: unknown): string {
  const options = { depth: 30, showHidden: true, maxStringLength: null, maxArrayLength: null };
  return `${inspect(value, options)}\n${JSON.stringify(value)}`;
}

/** Asserts without printing the value, since the runner searches the output for the secret. */
function isClean(value: unknown): boolean {
  return !shown(value).includes(CANARY);
}

const NAMES = [
  'secretAccessKey',
  'aws_secret_access_key',
  'SecretAccessKey',
  'sessionToken',
  'AWS_SESSION_TOKEN',
  'x-amz-security-token',
  'X-Amz-Signature',
  'Authorization',
  'Proxy-Authorization',
  'privateKey',
  'private_key',
  'password',
  'passphrase',
];

/** Ways in which a name and its value stand in a text. */
const FORMS: readonly ((name: string, secret: string) => string)[] = [
  (name, secret) => `${name}=${secret}&next=1`,
  (name, secret) => `${name}: ${secret}\r\nnext: 1`,
  (name, secret) => `${name} = ${secret}\n`,
  (name, secret) => JSON.stringify({ [name]: secret, next: 1 }),
  (name, secret) => JSON.stringify({ body: JSON.stringify({ [name]: secret }) }),
  (name, secret) => JSON.stringify({ [name]: `a "quoted" ${secret}` }),
  (name, secret) => inspect({ [name]: secret }),
  (name, secret) => inspect(new Map([[name, secret]])),
  (name, secret) => inspect([[name, secret]]),
  (name, secret) => inspect([name, `two words ${secret}`]),
];

test('a secret under its name does not survive in any kind of text', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...NAMES),
      fc.constantFrom(...FORMS),
      fc.string({ maxLength: 20 }),
      (name, form, around) => !redact(`${around} ${form(name, SECRET)}`).includes(CANARY),
    ),
    { numRuns: 2000 },
  );
});

/** A tree with a secret under a secret's name somewhere, made of all kinds of containers. */
const tree = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 8 },
    fc.constantFrom(...NAMES).map((name) => ({ [name]: SECRET })),
    fc.constantFrom(...NAMES).map((name) => ({ [name]: [SECRET, { text: SECRET }] })),
    fc.constantFrom(...NAMES).map((name) => new Map([[name, SECRET]])),
    fc.constantFrom(...NAMES).map((name) => ['host', 'example', name, SECRET]),
    fc.constantFrom(...NAMES).map((name) => [[name, SECRET]]),
    fc.constantFrom(...NAMES).map((name) => ({ text: `${name}=${SECRET}` })),
    fc.constant(new Headers({ 'x-amz-security-token': SECRET, host: 'example' })),
    fc.constant(Buffer.from(`password=${SECRET}`)),
    fc.constant(new URL(`https://me:${CANARY}@example/`)),
    tie('node').map((node) => ({ node, plain: 1 })),
    tie('node').map((node) => [node, 'plain']),
    tie('node').map((node) => new Set([node])),
    tie('node').map((node) => new Map([['node', node]])),
    tie('node').map((cause) => new Error('outer', { cause })),
    tie('node').map((node) => new AggregateError([node], 'several')),
    tie('node').map((node) => Object.assign(new Error('with'), { $response: node })),
    tie('node').map((node) => ({
      get node() {
        return node;
      },
      toJSON: () => node,
      [inspect.custom]: () => node,
    })),
  ),
}));

test('a secret does not survive at any depth of a value or an error', () => {
  fc.assert(
    fc.property(tree.node, (node) => {
      const values = node as Record<string, unknown>;
      return isClean([redactValue(node), redactError(node), redactValues({ values })]);
    }),
    { numRuns: 2000 },
  );
});

test('private keys, credential files, URLs and headers without a name are masked', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const body = pem.split('\n')[1] ?? '';
  for (const text of [pem, JSON.stringify({ key: pem }), `cannot parse ${pem.slice(0, 100)}`]) {
    assert.not.ok(redact(text).includes(body.slice(0, 40)));
  }
  assert.is(redact(`a ${pem.trim()} b`), 'a -----BEGIN PRIVATE KEY-----[redacted] b');
  for (const text of [
    `CREDENTIALS AKIDEXAMPLE ${SECRET}`,
    `CREDENTIALS AKIDEXAMPLE 2026-01-01T00:00:00Z ${SECRET} ${SECRET}`,
    `cannot use "CREDENTIALS\tAKIDEXAMPLE\t${SECRET}" of the file`,
    `http://user:${CANARY}@proxy:3128`,
    `AWS4-HMAC-SHA256 Credential=AKID/x, SignedHeaders=host, Signature=${SECRET}`,
  ]) {
    assert.not.ok(redact(text).includes(CANARY));
  }
  const path = 'iot-certificate,endpoint=a.iot,cert-path=/a.pem,key-path=/b.pem,role-aliases=r';
  assert.is(redact(path), path);
});

test('secrets of a few characters, which only tests have, spoil no sentence', () => {
  const text = "UnrecognizedClientException: the local endpoint accepts the pair 'local'/'local'";
  assert.is(redact(text, ['local', 'x', undefined]), text);
  assert.is(redact('with the key 12345678', ['12345678']), 'with the key [redacted]');
});

test('causes and the errors of an AggregateError are kept', () => {
  const inner = Object.assign(new Error(`password=${SECRET}`), { code: 'ECONNREFUSED' });
  const outer = new AggregateError([inner, `token=${SECRET}`], 'both failed', { cause: inner });
  const copy = redactError(outer) as AggregateError & { cause: { code: string } };
  assert.is(copy.message, 'both failed');
  assert.is(copy.cause.code, 'ECONNREFUSED');
  assert.is((copy.errors[0] as Error).message, 'password=[redacted]');
});

test('a value that cannot be read disturbs nothing', () => {
  const fail = (): never => {
    throw new Error(SECRET);
  };
  const hostile = new Proxy({}, { ownKeys: fail, get: fail, getPrototypeOf: fail });
  const getter = Object.defineProperty({}, 'x', { get: fail, enumerable: true });
  const error = Object.defineProperty(new Error('x'), 'message', { get: fail });
  assert.is(redactValue(hostile), '[unreadable]');
  assert.equal(redactValue(getter), { x: '[unreadable]' });
  assert.ok(isClean([redactError(error), redactError(hostile)]));
});

test('masking ten megabytes of hostile text is a matter of less than seconds', () => {
  const size = 10 * 1024 * 1024;
  for (const part of [
    'a',
    ' ',
    '\\',
    '"',
    'password',
    'password=',
    'password="',
    'password=\\"',
    '"token',
    'password ',
    'http://',
    'a://b',
    'CREDENTIALS ',
    'CREDENTIALS a ',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
    'AWS4-HMAC-SHA256 Credential=',
    'authorization: ',
    'x-amz-security-token;',
  ]) {
    const text = part.repeat(size / part.length);
    const started = performance.now();
    redact(text);
    const seconds = (performance.now() - started) / 1000;
    assert.ok(seconds < 5, `${JSON.stringify(part)} took ${seconds} s`);
  }
});
