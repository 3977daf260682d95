import { DescribeStreamCommand, ListStreamsCommand } from '@aws-sdk/client-kinesis-video';
import * as assert from 'uvu/assert';
import { fromIotCertificate } from '../../ts/credentials/index.js';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import type { LocalIotOptions, LocalKinesisVideo } from '../../ts/local/index.js';
import { Authority, type Certificate } from '../support/certificates.js';
import { suite, type TestContext } from '../support/suite.js';
import { controlClient, CREDENTIALS, rejection, startEndpoint } from './support/endpoint.js';
import { CreateStreamCommand } from '@aws-sdk/client-kinesis-video';

const test = suite('credentials provider of the local endpoint', { timeout: 15_000 });

interface Setup {
  readonly local: LocalKinesisVideo;
  readonly authority: Authority;
  readonly device: Certificate;
  now: number;
}

/** An endpoint with a thing `door`, whose certificate `gate` has too, and the streams of both. */
async function start(t: TestContext, changes: Partial<LocalIotOptions> = {}): Promise<Setup> {
  const authority = new Authority(t);
  const device = authority.issue('device');
  const setup = { authority, device, now: Date.now() };
  const local = await startEndpoint(t, {
    now: () => setup.now,
    iot: {
      ca: authority.self.cert,
      tls: authority.issueForServer(),
      things: [
        { name: 'door', certificate: device.cert },
        { name: 'gate', certificate: device.cert, streams: ['yard'] },
      ],
      ...changes,
    },
  });
  const client = controlClient(t, local);
  for (const StreamName of ['door', 'yard'])
    await client.send(new CreateStreamCommand({ StreamName }));
  return Object.assign(setup, { local });
}

function credentialsFor(
  { local, authority, device }: Setup,
  thingName: string | undefined,
  roleAlias = 'LocalRoleAlias',
  { certPath, keyPath } = device,
) {
  const endpoint = local.iot?.endpoint ?? '';
  const provider = fromIotCertificate({
    ...{ endpoint, roleAlias, certPath, keyPath, ca: authority.self.cert },
    ...(thingName !== undefined && { thingName }),
  });
  return provider();
}

async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(undefined, (reason: unknown) => reason);
  assert.instance(error, KinesisVideoError);
  return (error as KinesisVideoError).message;
}

test('a thing gets keys for the stream of its name, and for no other', async (t) => {
  const setup = await start(t);
  const client = controlClient(t, setup.local, await credentialsFor(setup, 'door'));
  const { StreamInfo } = await client.send(new DescribeStreamCommand({ StreamName: 'door' }));
  await client.send(new DescribeStreamCommand({ StreamARN: StreamInfo?.StreamARN }));
  for (const command of [
    new DescribeStreamCommand({ StreamName: 'yard' }),
    new ListStreamsCommand({}),
  ]) {
    const { name, message } = await rejection(client.send(command as DescribeStreamCommand));
    assert.match(name, /^(NotAuthorized|AccessDenied)Exception$/);
    assert.match(message, /thing "door" .* not authorized to perform: kinesisvideo:(Desc|List)/);
  }
});

test('the entry of a thing may allow more streams, and without a name only these', async (t) => {
  const setup = await start(t);
  for (const thing of ['gate', undefined]) {
    const client = controlClient(t, setup.local, await credentialsFor(setup, thing));
    await client.send(new DescribeStreamCommand({ StreamName: 'yard' }));
    const denied = await rejection(client.send(new DescribeStreamCommand({ StreamName: 'door' })));
    assert.is(denied.name, 'NotAuthorizedException');
  }
});

test('keys end with their time, by the clock of the endpoint', async (t) => {
  const setup = await start(t, { roleAliases: { Short: { duration: 900_000 } } });
  const identity = await credentialsFor(setup, 'door', 'Short');
  assert.ok(Math.abs((identity.expiration?.getTime() ?? 0) - setup.now - 900_000) < 1000);
  setup.now += 900_000;
  const client = controlClient(t, setup.local, identity);
  client.config.systemClockOffset = 900_000;
  const { name, status } = await rejection(
    client.send(new DescribeStreamCommand({ StreamName: 'door' })),
  );
  assert.is(name, 'ExpiredTokenException');
  assert.is(status, 403);
});

test('keys do not work without their session token', async (t) => {
  const setup = await start(t);
  const { accessKeyId, secretAccessKey } = await credentialsFor(setup, 'door');
  for (const identity of [
    { accessKeyId, secretAccessKey },
    { accessKeyId, secretAccessKey, sessionToken: 'another' },
  ]) {
    const client = controlClient(t, setup.local, identity);
    const { name } = await rejection(
      client.send(new DescribeStreamCommand({ StreamName: 'door' })),
    );
    assert.is(name, 'UnrecognizedClientException');
  }
  const permanent = controlClient(t, setup.local, CREDENTIALS);
  await permanent.send(new ListStreamsCommand({}));
});

test('what does not fit is refused as AWS IoT does', async (t) => {
  const setup = await start(t);
  assert.match(
    await refusalOf(credentialsFor(setup, 'other')),
    /"other" as thing name .*HTTP 403, "Invalid thing name passed"/,
  );
  assert.match(await refusalOf(credentialsFor(setup, 'door', 'Nope')), /no role alias "Nope"/);
  const unattached = setup.authority.issue('unattached');
  assert.match(
    await refusalOf(credentialsFor(setup, 'door', undefined, unattached)),
    /HTTP 403, "Access Denied"/,
  );
  const stranger = new Authority(t).issue('stranger');
  assert.match(
    await refusalOf(credentialsFor(setup, 'door', undefined, stranger)),
    /closed the connection without an answer/,
  );
});

test('options that cannot work are refused by name', async (t) => {
  const { cert } = new Authority(t).self;
  const thing = { name: 'door', certificate: cert };
  const cases: [object, RegExp][] = [
    [{ ca: cert, things: [thing] }, /`iot` speaks TLS only: give `tls`/],
    [{ ca: 'x', things: [thing], tls: { key: 'k', cert: 'c' } }, /certificates in PEM for iot.ca/],
    [{ ca: cert, things: [{ name: 'door' }], tls: { key: 'k', cert: 'c' } }, /for iot.things/],
    [{ ca: cert, thing: [] }, /Unknown option "thing" for iot: did you mean "things"/],
    [{ ca: cert, things: [thing], tls: { key: 'k', cert: 'c' } }, /certificate for iot.tls cannot/],
  ];
  for (const [iot, pattern] of cases) {
    assert.match(await refusalOf(startEndpoint(t, { iot: iot as LocalIotOptions })), pattern);
  }
});
