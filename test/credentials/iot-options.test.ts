import * as assert from 'uvu/assert';
import {
  fromIotCertificate,
  parseIotCertificate,
  type IotCertificateOptions,
} from '../../ts/credentials/index.js';
import { suite } from '../support/suite.js';
import { failure } from './support.js';

const test = suite('options of an IoT certificate');

const endpoint = 'abc.credentials.iot.us-west-2.amazonaws.com';
const options = { endpoint, roleAlias: 'Role', certPath: 'c.pem', keyPath: 'k.pem' };
const text = `iot-certificate,endpoint=${endpoint},cert-path=c.pem,key-path=k.pem,role-aliases=Role`;

test('the string of kvssink gives the same options', () => {
  assert.equal(parseIotCertificate(text), options);
  const all = `${text},ca-path=ca.pem,iot-thing-name=door,connection-timeout=4,completion-timeout=6.5`;
  assert.equal(parseIotCertificate(all), {
    ...options,
    caPath: 'ca.pem',
    thingName: 'door',
    connectTimeout: 4000,
    requestTimeout: 6500,
  });
});

test('types, quotes and white space of GStreamer are understood', () => {
  const parsed = parseIotCertificate(
    'iot-certificate, endpoint=(string)"a.b", cert-path="/my, own \\"c\\".pem" ,\n key-path=/k=1.pem, role-aliases=Role;',
  );
  assert.equal(parsed, {
    endpoint: 'a.b',
    certPath: '/my, own "c".pem',
    keyPath: '/k=1.pem',
    roleAlias: 'Role',
  });
});

for (const [what, given, pattern] of [
  [
    'another beginning',
    'iot-cert,endpoint=x',
    /begins with "iot-cert"\): begin it with iot-certificate,endpoint=…\.$/,
  ],
  [
    'a misspelt key',
    `${text},iot-thing-nam=x`,
    /unknown key "iot-thing-nam"\): did you mean iot-thing-name\?$/,
  ],
  [
    'a strange key',
    `${text},xyzzy-quux-frob=x`,
    /unknown key "xyzzy-quux-frob"\): use endpoint, cert-path/,
  ],
  [
    'keys that are missing',
    'iot-certificate,endpoint=x,cert-path=c',
    /has no key-path and role-aliases\): add key-path=…,role-aliases=…/,
  ],
  ['a key twice', `${text},endpoint=y`, /endpoint is given twice/],
  ['a key without a value', `${text},ca-path=`, /ca-path has no value/],
  ['no key at all', `${text},door`, /"door" is not of the form key=value/],
  [
    'a time that is none',
    `${text},connection-timeout=soon`,
    /connection-timeout is "soon"\): give seconds/,
  ],
] as const) {
  test(`a string with ${what} is refused with what to write`, async () => {
    const error = await failure(() => parseIotCertificate(given));
    assert.is(error.code, 'STATUS_INVALID_ARG');
    assert.match(error.message, pattern);
  });
}

for (const [what, changes, code, pattern] of [
  ['a misspelt option', { rolealias: 'x' }, 'STATUS_INVALID_ARG', /did you mean "roleAlias"/],
  [
    'no certificate',
    { certPath: undefined },
    'STATUS_INVALID_ARG',
    /either certPath or certificate .*"neither"/,
  ],
  [
    'two keys',
    { key: '-----BEGIN PRIVATE KEY-----' },
    'STATUS_INVALID_ARG',
    /either keyPath or key .*"both"/,
  ],
  [
    'a path as PEM',
    { keyPath: undefined, key: 'canary' },
    'STATUS_INVALID_ARG',
    /PEM.* for key but received "a text of 6/,
  ],
  [
    'an endpoint without TLS',
    { endpoint: 'http://x' },
    'STATUS_INVALID_ARG',
    /host of a credentials provider/,
  ],
  [
    'an endless endpoint',
    { endpoint: 'x'.repeat(10_001) },
    'STATUS_IOT_INVALID_URI_LEN',
    /at most 10000/,
  ],
  [
    'a role alias with a slash',
    { roleAlias: 'a/b' },
    'STATUS_INVALID_ARG',
    /a role alias: letters/,
  ],
  [
    'a long role alias',
    { roleAlias: 'a'.repeat(129) },
    'STATUS_MAX_ROLE_ALIAS_LEN_EXCEEDED',
    /128/,
  ],
  [
    'a long thing name',
    { thingName: 'a'.repeat(129) },
    'STATUS_MAX_IOT_THING_NAME_LENGTH',
    /has 129 characters/,
  ],
  ['a strange thing name', { thingName: 'a\r\nb' }, 'STATUS_INVALID_ARG', /name of an IoT thing/],
  [
    'a strange source of the name',
    { thingName: { from: 'x' } },
    'STATUS_INVALID_ARG',
    /certificate-id/,
  ],
  [
    'too little time',
    { connectTimeout: 9, requestTimeout: 8 },
    'STATUS_INVALID_ARG',
    /at least the 9 ms/,
  ],
] as const) {
  test(`${what} is refused`, async () => {
    const given = { ...options, ...changes } as IotCertificateOptions;
    const error = await failure(() => fromIotCertificate(given));
    assert.is(error.code, code);
    assert.match(error.message, pattern);
  });
}

test('the name of a stream that is too long for a thing is refused when it is used', async () => {
  const error = await failure(() => fromIotCertificate(options).forStream?.('s'.repeat(200)));
  assert.is(error.code, 'STATUS_MAX_IOT_THING_NAME_LENGTH');
  assert.match(error.message, /name of stream "s+", .* has 200 characters/);
});

test('statuses of the options', async () => {
  const wrong: [Partial<IotCertificateOptions>, string][] = [
    [{ endpoint: 'x'.repeat(10_001) }, 'STATUS_IOT_INVALID_URI_LEN'],
    [{ roleAlias: 'a'.repeat(129) }, 'STATUS_MAX_ROLE_ALIAS_LEN_EXCEEDED'],
  ];
  for (const [changes, code] of wrong) {
    assert.is((await failure(() => fromIotCertificate({ ...options, ...changes }))).code, code);
  }
});
