import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { resolveCredentials } from '../../ts/credentials/index.js';
import { startConnectProxy } from '../network/support/connect-proxy.js';
import { setEnvironment } from '../network/support/dialing.js';
import { serveHttp } from '../service/servers.js';
import { suite } from '../support/suite.js';

const test = suite('credentials through a proxy', { timeout: 15_000 });

const ANSWER = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/camera/x</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>of-the-role</SecretAccessKey>
<SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleResult></AssumeRoleResponse>`;

test('the role of a profile is assumed through the proxy of the client', async (t) => {
  const sts = await serveHttp(t, (request, response) => {
    request.resume().on('end', () => response.setHeader('content-type', 'text/xml').end(ANSWER));
  });
  const proxy = await startConnectProxy(t, {
    credentials: 'door:secret',
    route: () => `127.0.0.1:${sts.port}`,
  });
  const folder = mkdtempSync(join(tmpdir(), 'kvs-role-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const role = 'role_arn = arn:aws:iam::111122223333:role/camera\nsource_profile = keys\n';
  writeFileSync(join(folder, 'config'), `[profile camera]\nregion = us-west-2\n${role}`);
  const keys = 'aws_access_key_id = AKIAKEYS\naws_secret_access_key = of-the-profile\n';
  writeFileSync(join(folder, 'credentials'), `[keys]\n${keys}`);
  setEnvironment(t, {
    AWS_PROFILE: 'camera',
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_ACCESS_KEY_ID: undefined,
    AWS_ENDPOINT_URL_STS: 'http://sts.test',
  });
  const { accessKeyId } = await resolveCredentials(undefined, { network: { proxy: proxy.url } })();
  assert.is(accessKeyId, 'ASIAROLE');
  assert.equal(proxy.requested, ['sts.test:80']);
});
