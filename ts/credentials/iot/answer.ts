import type { AwsCredentialIdentity } from '@smithy/types';
import { KinesisVideoError } from '../../internal/errors.js';
import type { StatusName } from '../../internal/status.js';
import type { IotAnswer } from './request.js';

const MEMBERS = ['accessKeyId', 'secretAccessKey', 'sessionToken', 'expiration'] as const;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/;

/**
 * Reads the credentials in a successful answer.
 *
 * @param now - the time of the provider
 * @throws KinesisVideoError STATUS_IOT_INVALID_RESPONSE_LENGTH, STATUS_IOT_NULL_AWS_CREDS,
 * STATUS_TIMESTAMP_STRING_UNRECOGNIZED_FORMAT, STATUS_IOT_EXPIRATION_PARSING_FAILED or
 * STATUS_IOT_EXPIRATION_OCCURS_IN_PAST; all of them may pass
 */
export function readCredentials(host: string, answer: IotAnswer, now: Date): AwsCredentialIdentity {
  const fail = (code: StatusName, problem: string, advice: string): KinesisVideoError =>
    new KinesisVideoError(
      code,
      `The answer of the credentials provider of AWS IoT at ${host} ${problem}: ${advice}.`,
      { values: { host }, advice, retryable: true, requestId: answer.requestId },
    );
  const tryAgain = 'try again, and see the AWS health dashboard if it persists';
  const checkEndpoint = 'check the endpoint, and whether a sign-in page stands in between';
  if (answer.body.trim() === '') {
    throw fail('STATUS_IOT_INVALID_RESPONSE_LENGTH', 'is empty', tryAgain);
  }
  const members = credentialsIn(answer.body);
  if (members === undefined) {
    throw fail('STATUS_IOT_NULL_AWS_CREDS', 'holds no credentials', checkEndpoint);
  }
  const missing = MEMBERS.filter((name) => typeof members[name] !== 'string' || !members[name]);
  if (missing.length > 0) {
    throw fail('STATUS_IOT_NULL_AWS_CREDS', `has no ${missing.join(' and no ')}`, checkEndpoint);
  }
  const [accessKeyId = '', secretAccessKey = '', sessionToken = '', time = ''] = MEMBERS.map(
    (name) => members[name] as string,
  );
  const shown = JSON.stringify(time.slice(0, 40));
  if (!TIME.test(time)) {
    const problem = `has the expiration ${shown}, which is not of the form YYYY-MM-DDTHH:MM:SSZ`;
    throw fail('STATUS_TIMESTAMP_STRING_UNRECOGNIZED_FORMAT', problem, tryAgain);
  }
  const expiration = new Date(time);
  if (Number.isNaN(expiration.getTime())) {
    const problem = `has the expiration ${shown}, which is no time`;
    throw fail('STATUS_IOT_EXPIRATION_PARSING_FAILED', problem, tryAgain);
  }
  if (expiration.getTime() <= now.getTime()) {
    const problem = `holds credentials that expired at ${time}, and it is ${now.toISOString()}`;
    const advice = 'check the clock of this machine';
    throw fail('STATUS_IOT_EXPIRATION_OCCURS_IN_PAST', problem, advice);
  }
  return { accessKeyId, secretAccessKey, sessionToken, expiration };
}

function credentialsIn(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const { credentials } = Object(JSON.parse(body)) as { credentials?: unknown };
    const isObject = typeof credentials === 'object' && credentials !== null;
    return isObject ? (credentials as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
