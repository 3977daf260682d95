import type { AwsCredentialIdentity } from '@smithy/types';
import { KinesisVideoError } from '../internal/errors.js';
import { checkCredentials } from './check.js';

/**
 * The credentials of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and
 * AWS_CREDENTIAL_EXPIRATION; undefined when neither of the first two is set.
 *
 * @throws KinesisVideoError STATUS_INVALID_ARG when one of them is missing or unusable
 */
export function credentialsOfEnvironment(): AwsCredentialIdentity | undefined {
  const accessKeyId = process.env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = process.env['AWS_SECRET_ACCESS_KEY'];
  if (!accessKeyId && !secretAccessKey) return undefined;
  if (!accessKeyId || !secretAccessKey) {
    const [there, missing] = accessKeyId
      ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
      : ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'];
    const advice = `set ${missing} too, or unset ${there}`;
    throw new KinesisVideoError(
      'STATUS_INVALID_ARG',
      `The environment has ${there} and no ${missing} beside it: ${advice}.`,
      { values: { variable: missing }, advice },
    );
  }
  const sessionToken = process.env['AWS_SESSION_TOKEN'];
  const expiration = process.env['AWS_CREDENTIAL_EXPIRATION'];
  const identity = {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
    ...(expiration && { expiration: new Date(expiration) }),
  };
  return checkCredentials(identity, 'The credentials of the environment (AWS_ACCESS_KEY_ID)');
}
