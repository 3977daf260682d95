import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  UpdateNotificationConfigurationCommand,
  type KinesisVideoClient,
} from '@aws-sdk/client-kinesis-video';
import * as assert from 'uvu/assert';
import { Notifier } from '../../ts/local/events/notifier.js';
import type { PersistedFragment } from '../../ts/local/events/persisted-fragments.js';
import type { LocalKinesisVideoOptions } from '../../ts/local/index.js';
import { cluster, liveHeader, liveStream, simpleBlock, tags } from '../parser/support/mkv.js';
import { makeStream } from '../producer/support/client.js';
import { frames, START } from '../producer/support/media.js';
import { canaryCredentials } from '../support/canary.js';
import { suite, type TestContext } from '../support/suite.js';
import { CREDENTIALS, startWithStream } from './support/endpoint.js';
import { listFragments } from './support/fragments.js';
import { putMedia, TestPutMedia } from './support/put-media.js';

const test = suite('Notifications');

const TOPIC = 'arn:aws:sns:us-west-2:111122223333:door';
const NOTIFY = { AWS_KINESISVIDEO_NOTIFICATION: '' };
const fragment = (time: number): Buffer => cluster(time, simpleBlock(1, 0));

/** A subscriber to a topic, as one of SNS over HTTP. */
class Subscriber {
  readonly posts: { headers: IncomingHttpHeaders; body: string }[] = [];
  /** Statuses of the next answers; 200 when there are no more. 0 cuts the connection. */
  answers: number[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void request.toArray().then((pieces) => {
        const body = Buffer.concat(pieces as Buffer[]).toString();
        this.posts.push({ headers: request.headers, body });
        const status = this.answers.shift() ?? 200;
        if (status === 0) request.socket.destroy();
        else response.writeHead(status).end();
        this.#server.emit('posted');
      });
    });
  }

  static async start(t: TestContext): Promise<Subscriber> {
    const subscriber = new Subscriber();
    subscriber.#server.listen(0, '127.0.0.1');
    await once(subscriber.#server, 'listening');
    t.after(() => subscriber.#server.close());
    return subscriber;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook?token=secret`;
  }

  /** Waits until there were `count` posts. */
  async until(count: number): Promise<void> {
    while (this.posts.length < count) await once(this.#server, 'posted');
  }
}

async function configure(client: KinesisVideoClient, Status?: 'ENABLED' | 'DISABLED') {
  await client.send(
    new UpdateNotificationConfigurationCommand({
      StreamName: 'cam',
      ...(Status && { NotificationConfiguration: { Status, DestinationConfig: { Uri: TOPIC } } }),
    }),
  );
}

test('a fragment that asks for it is told to the topic, in the form of SNS', async (t) => {
  const subscriber = await Subscriber.start(t);
  const { local, client, streamArn } = await startWithStream(t, {
    notificationTarget: subscriber.url,
  });
  await configure(client, 'ENABLED');
  const connection = await putMedia(
    t,
    local,
    Buffer.concat([
      liveHeader(),
      fragment(0),
      fragment(100),
      tags({ ...NOTIFY, alarm: 'door', größe: '1"\n' }),
      fragment(200),
    ]),
  );
  await subscriber.until(1);
  const [posted] = subscriber.posts;
  assert.ok(posted);
  assert.is(posted.headers['x-amz-sns-message-type'], 'Notification');
  assert.is(posted.headers['x-amz-sns-topic-arn'], TOPIC);
  assert.is(posted.headers['content-type'], 'text/plain; charset=UTF-8');

  const envelope = JSON.parse(posted.body) as Record<string, string>;
  assert.equal(Object.keys(envelope), [
    'Type',
    'MessageId',
    'TopicArn',
    'Subject',
    'Message',
    'Timestamp',
    'SignatureVersion',
    'Signature',
    'SigningCertURL',
    'UnsubscribeURL',
  ]);
  assert.equal(
    [envelope['Type'], envelope['TopicArn'], envelope['Subject'], envelope['SignatureVersion']],
    ['Notification', TOPIC, 'Kinesis Video Streams Notification', '1'],
  );
  assert.match(envelope['MessageId'] ?? '', /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  assert.is(envelope['MessageId'], posted.headers['x-amz-sns-message-id']);
  assert.match(envelope['Timestamp'] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  // As consumers demand it before they fetch the certificate.
  const certificate = new URL(envelope['SigningCertURL'] ?? '');
  assert.match(certificate.hostname, /^sns\.[a-z0-9-]+\.amazonaws\.com$/);
  assert.is(certificate.protocol, 'https:');
  assert.match(envelope['Signature'] ?? '', /^[A-Za-z0-9+/]+=*$/);

  const stored = (await listFragments(local))[1];
  assert.ok(stored);
  const expected = {
    StreamArn: streamArn,
    FragmentNumber: stored.FragmentNumber,
    FragmentStartProducerTimestamp: Math.round(stored.ProducerTimestamp * 1000),
    FragmentStartServerTimestamp: Math.round(stored.ServerTimestamp * 1000),
    NotificationType: 'PERSISTED',
    NotificationPayload: { alarm: 'door', größe: '1"\n' },
  };
  assert.equal(JSON.parse(envelope['Message'] ?? ''), expected);
  assert.is(connection.summary.filter((ack) => ack.startsWith('PERSISTED')).length, 3);
  assert.is(subscriber.posts.length, 1);
});

test('an event of our producer is told with its metadata, that of another fragment with its own', async (t) => {
  const subscriber = await Subscriber.start(t);
  const { local, client } = await startWithStream(t, {
    notificationTarget: new URL(subscriber.url),
    credentials: [CREDENTIALS, canaryCredentials],
  });
  await configure(client, 'ENABLED');
  const stream = await makeStream(t, local.endpoint);
  for (const [at, frame] of frames({ count: 40 }).entries()) {
    await stream.put(frame);
    if (at === 12) stream.putEventMetadata('notification', { metadata: { alarm: 'door' } });
    if (at === 32) stream.putEventMetadata(['notification', 'image-generation']);
  }
  await stream.stop();
  await subscriber.until(2);
  const messages = subscriber.posts.map(({ body }) => {
    const { Message } = JSON.parse(body) as { Message: string };
    return JSON.parse(Message) as Record<string, unknown>;
  });
  assert.equal(
    messages.map((told) => [told['FragmentStartProducerTimestamp'], told['NotificationPayload']]),
    [
      [START + 1000, { alarm: 'door' }],
      [START + 3000, {}],
    ],
  );
});

test('nothing is told without a configuration, nor with one that is disabled', async (t) => {
  const subscriber = await Subscriber.start(t);
  const { local, client } = await startWithStream(t, { notificationTarget: subscriber.url });
  const media = (time: number): Buffer =>
    Buffer.concat([liveHeader(), fragment(time), tags(NOTIFY)]);
  await putMedia(t, local, media(0));
  await configure(client, 'DISABLED');
  await putMedia(t, local, media(100));
  await configure(client, 'ENABLED');
  await putMedia(t, local, media(200));
  await configure(client);
  await putMedia(t, local, media(300));
  const numbers = (await listFragments(local)).map((entry) => entry.FragmentNumber);
  // Which waits for what is under way.
  await local.close();
  const told = subscriber.posts.map(({ body }) => {
    const { Message } = JSON.parse(body) as { Message: string };
    return (JSON.parse(Message) as { FragmentNumber: string }).FragmentNumber;
  });
  assert.equal(told, [numbers[2]]);
});

test('a target that does not answer holds up no media', async (t) => {
  const silent = createServer(() => undefined);
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => {
    silent.close();
    silent.closeAllConnections();
  });
  const logged: string[] = [];
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
  const options: LocalKinesisVideoOptions = {
    notificationTarget: { [TOPIC]: url },
    log: (sentence) => logged.push(sentence),
  };
  const { local, client } = await startWithStream(t, options);
  await configure(client, 'ENABLED');
  const connection = await TestPutMedia.open(t, local);
  const asking = Array.from({ length: 20 }, (_, i) => [fragment(i * 100), tags(NOTIFY)]);
  await connection.finish(Buffer.concat([liveHeader(), ...asking.flat()]));
  assert.is(connection.summary.filter((ack) => ack.startsWith('PERSISTED')).length, 20);
  await local.close();
  assert.is(logged.filter((line) => line.includes('the endpoint was closed')).length, 20);
});

test('a topic without a target is logged once', async (t) => {
  const logged: string[] = [];
  const { local, client } = await startWithStream(t, {
    notificationTarget: { [`${TOPIC}2`]: 'http://127.0.0.1:9/' },
    log: (sentence) => logged.push(sentence),
  });
  await configure(client, 'ENABLED');
  for (const time of [0, 1000]) {
    await putMedia(t, local, Buffer.concat([liveStream([time]), tags(NOTIFY)]));
  }
  assert.equal(logged, [
    `Notifications to ${TOPIC} go nowhere: give their URL as notificationTarget (kvs local --notify).`,
  ]);
});

const asking = {
  stream: {
    record: {
      streamName: 'cam',
      streamArn: 'arn',
      notification: { Status: 'ENABLED', DestinationConfig: { Uri: TOPIC } },
    },
  },
  entry: { number: '7', producerTimestamp: 1, serverTimestamp: 2 },
  events: { notification: { metadata: {} } },
} as unknown as PersistedFragment;

test('what may pass is tried again a few times, what the target refuses is not', async (t) => {
  const subscriber = await Subscriber.start(t);
  const cases: [answers: number[], posts: number, logged: string[]][] = [
    [[0, 503, 429, 200], 4, []],
    [[500, 500, 500, 502, 200], 4, ['the answer was HTTP 502.']],
    [[403, 200], 1, ['the answer was HTTP 403.']],
  ];
  for (const [answers, posts, expected] of cases) {
    const logged: string[] = [];
    const notifier = new Notifier({
      targetOf: () => new URL(subscriber.url),
      now: Date.now,
      log: (sentence) => logged.push(sentence),
      retryDelays: [1, 1, 1],
    });
    subscriber.posts.length = 0;
    subscriber.answers = [...answers];
    await notifier.notify(asking, new AbortController().signal);
    assert.is(subscriber.posts.length, posts);
    // Each attempt is the same message, so that a consumer can tell.
    assert.is(new Set(subscriber.posts.map(({ body }) => body)).size, 1);
    const place = new URL(subscriber.url).host;
    assert.equal(
      logged,
      expected.map(
        (reason) =>
          `The notification about fragment 7 of 'cam' was not delivered to http://${place}/hook: ${reason}`,
      ),
    );
  }
});

test('a target that cannot be reached is logged, and the end of the endpoint cuts the waiting', async () => {
  const logged: string[] = [];
  const closing = new AbortController();
  const notifier = new Notifier({
    targetOf: () => new URL('http://127.0.0.1:1/'),
    now: Date.now,
    log: (sentence) => logged.push(sentence),
    retryDelays: [60_000],
  });
  const sent = notifier.notify(asking, closing.signal);
  setTimeout(() => {
    closing.abort();
  }, 20);
  await sent;
  assert.is(logged.length, 1);
  assert.match(logged[0] ?? '', /ECONNREFUSED/);
});
