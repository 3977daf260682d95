/**
 * Where notifications go: one URL for every topic, or URLs by the ARNs of topics.
 */
export type NotificationTarget = string | URL | Readonly<Record<string, string | URL>>;

const TOPIC_ARN = /^arn:[a-z\d-]+:sns:[a-z0-9-]+:\d+:[\w-]+$/;

/** Whether `text` is the ARN of a standard topic of SNS. */
export function isTopicArn(text: string): boolean {
  return TOPIC_ARN.test(text);
}

/** Whether `value` is a target: http and https URLs, and ARNs of topics. */
export function isNotificationTarget(value: unknown): boolean {
  if (typeof value === 'string' || value instanceof URL) return isHttpUrl(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).every(([topic, url]) => isTopicArn(topic) && isHttpUrl(url));
}

function isHttpUrl(value: unknown): boolean {
  const text = value instanceof URL ? value.href : value;
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  return ['http:', 'https:'].includes(new URL(text).protocol);
}

/** Gives the URL for a topic; undefined when there is none for it. */
export function urlOfTopic(target: NotificationTarget | undefined, topic: string): URL | undefined {
  const isSingle = typeof target === 'string' || target instanceof URL;
  const url = isSingle || target === undefined ? target : target[topic];
  return url === undefined ? undefined : new URL(url);
}
