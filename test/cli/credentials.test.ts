import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { LocalKinesisVideo } from '../../ts/local/index.js';
import { Authority, type Certificate } from '../support/certificates.js';
import { suite, type TestContext } from '../support/suite.js';
import {
  fixture,
  kvs,
  requireSignals,
  sentenceOf,
  startLocal,
  temporaryFolder,
  type Run,
} from './kvs.js';

const test = suite('credentials of the command', { timeout: 60_000 });

const CLIP = fixture('clip.mp4');

interface Setup {
  readonly local: LocalKinesisVideo;
  readonly authority: Authority;
  readonly device: Certificate;
  readonly iotCertificate: string;
}

/** An endpoint over TLS with the thing `door`, and the string by which the thing uses it. */
async function start(t: TestContext): Promise<Setup> {
  const authority = new Authority(t);
  const device = authority.issue('device');
  const { cert, key } = authority.issueForServer();
  const local = await startLocal(t, {
    tls: { cert, key },
    iot: { ca: authority.self.cert, things: [{ name: 'door', certificate: device.cert }] },
  });
  const iotCertificate = [
    `iot-certificate,endpoint=${local.iot?.endpoint ?? ''},role-aliases=LocalRoleAlias`,
    `cert-path=${device.certPath},key-path=${device.keyPath},ca-path=${authority.self.certPath}`,
  ].join(',');
  return { local, authority, device, iotCertificate };
}

/** Runs a command with the certificate. */
function withIot(t: TestContext, setup: Setup, ...args: string[]): Promise<Run> {
  const { local, authority, iotCertificate } = setup;
  const connection = ['--endpoint', local.endpoint, '--ca', authority.self.certPath];
  return kvs(t, [...args, ...connection, '--iot-certificate', iotCertificate]);
}

test('each command uses a certificate of AWS IoT, with the stream as its thing', async (t) => {
  const setup = await start(t);
  const put = await withIot(t, setup, 'put', CLIP, '--stream', 'door');
  assert.is(put.status, 0, put.stderr);
  const output = join(temporaryFolder(t), 'door.mkv');
  const get = await withIot(t, setup, 'get', '--stream', 'door', '-o', output);
  assert.is(get.status, 0, get.stderr);
  const describe = await withIot(t, setup, 'describe', '--stream', 'door');
  assert.is(describe.status, 0, describe.stderr);

  const other = await withIot(t, setup, 'put', CLIP, '--stream', 'attic');
  assert.is(other.status, 1);
  assert.match(other.stderr, /AWS IoT does not take "attic" as thing name/);
  const list = await withIot(t, setup, 'list');
  assert.is(list.status, 1);
  assert.match(list.stderr, /do not allow ListStreams/);
});

test('a string that cannot be used is refused before anything else', async (t) => {
  const string = 'iot-certificate,endpoint=x,cert-pat=y';
  const run = await kvs(t, ['list', '--iot-certificate', string]);
  assert.is.not(run.status, 0);
  assert.match(run.stderr, /unknown key "cert-pat"\): did you mean cert-path\?/);
});

test('a credential file is used, also for an endpoint on this machine', async (t) => {
  const { endpoint } = await startLocal(t, {
    credentials: [{ accessKeyId: 'AKFILE', secretAccessKey: 'canaryOfFile' }],
  });
  const file = join(temporaryFolder(t), 'credentials.txt');
  writeFileSync(file, 'CREDENTIALS AKFILE canaryOfFile\n');
  const args = ['list', '--endpoint', endpoint, '--credential-file', file];
  const good = await kvs(t, args);
  assert.is(good.status, 0, good.stderr);
  writeFileSync(file, 'CREDENTIALS canaryOfFile\n');
  const bad = await kvs(t, args);
  assert.is(bad.status, 1);
  assert.match(sentenceOf(bad), /credential file '.*' cannot be understood \(it has 2 words\)/);
  assert.not.match(bad.stderr, /canary/);
});

test('kvs local poses as AWS IoT, and tells the string to use', async (t) => {
  requireSignals(t);
  const authority = new Authority(t);
  const device = authority.issue('device');
  const server = authority.issueForServer();
  const tls = ['--tls-key', server.keyPath, '--tls-cert', server.certPath];
  const iot = ['--iot-ca', authority.self.certPath, '--iot-thing', `door=${device.certPath}`];
  let put: Run | undefined;
  let isAsking = false;
  const run = await kvs(t, ['local', '--port', '0', ...tls, ...iot], {
    onOutput: (stdout, child) => {
      if (isAsking || !stdout.includes('kvs get')) return;
      isAsking = true;
      const [, endpoint = ''] = /endpoint +(https:\S+)/.exec(stdout) ?? [];
      const [, told = ''] = /IoT +(iot-certificate,\S+)/.exec(stdout) ?? [];
      const string = told
        .replace('key-path=KEY', `key-path=${device.keyPath}`)
        .replace(server.certPath, authority.self.certPath);
      const connection = ['--endpoint', endpoint, '--ca', authority.self.certPath];
      const args = ['put', CLIP, '--stream', 'door', ...connection, '--iot-certificate', string];
      void kvs(t, args).then((ended) => {
        put = ended;
        child.kill('SIGINT');
      });
    },
  });
  assert.is(run.status, 0, run.stderr);
  assert.is(put?.status, 0, put?.stderr);
});

test('options for AWS IoT that lack their companions are refused', async (t) => {
  for (const [args, pattern] of [
    [['--iot-ca', 'x'], /--iot-ca and --iot-role-alias go with --iot-thing/],
    [['--iot-thing', 'door=x'], /--iot-thing needs --iot-ca/],
    [['--iot-thing', 'door=x', '--iot-ca', 'x'], /--iot-thing needs --tls-key and --tls-cert/],
    [['--iot-thing', 'door'], /Expected NAME=FILE, such as door=door-cert.pem/],
  ] as const) {
    const run = await kvs(t, ['local', ...args]);
    assert.is.not(run.status, 0);
    assert.match(run.stderr, pattern);
  }
});
