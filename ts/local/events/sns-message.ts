/** Notifications in the form in which SNS posts them to an HTTP endpoint. */
import { randomUUID } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import type { PersistedFragment } from './persisted-fragments.js';

/** One POST. */
export interface SnsMessage {
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

const SUBJECT = 'Kinesis Video Streams Notification';
/** There is no key to sign with; consumers that verify signatures cannot be tried here. */
const SIGNATURE = Buffer.from('not signed by SNS').toString('base64');

/** Makes the message about a fragment that asks for a notification. `now` in epoch milliseconds. */
export function snsMessage(
  { stream, entry, events }: PersistedFragment,
  topic: string,
  now: number,
): SnsMessage {
  const id = randomUUID();
  const [, , , region = ''] = topic.split(':');
  const sns = `https://sns.${region}.amazonaws.com/`;
  const subscription = `${topic}:${randomUUID()}`;
  const message = {
    StreamArn: stream.record.streamArn,
    FragmentNumber: entry.number,
    FragmentStartProducerTimestamp: Math.trunc(entry.producerTimestamp),
    FragmentStartServerTimestamp: Math.trunc(entry.serverTimestamp),
    NotificationType: 'PERSISTED',
    NotificationPayload: events.notification?.metadata ?? {},
  };
  const envelope = {
    Type: 'Notification',
    MessageId: id,
    TopicArn: topic,
    Subject: SUBJECT,
    Message: JSON.stringify(message),
    Timestamp: new Date(now).toISOString(),
    SignatureVersion: '1',
    Signature: SIGNATURE,
    SigningCertURL: `${sns}SimpleNotificationService-${'0'.repeat(32)}.pem`,
    UnsubscribeURL: `${sns}?Action=Unsubscribe&SubscriptionArn=${subscription}`,
  };
  return {
    headers: {
      'content-type': 'text/plain; charset=UTF-8',
      'user-agent': 'Amazon Simple Notification Service Agent',
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-message-id': id,
      'x-amz-sns-topic-arn': topic,
      'x-amz-sns-subscription-arn': subscription,
    },
    body: JSON.stringify(envelope),
  };
}
