import type { AwsCredentialIdentity } from '@smithy/types';
import { KinesisVideoError } from '../internal/errors.js';

/** Bytes of keys and session token together. */
const MAX_LENGTH = 10_000;

/**
 * Returns a frozen copy of `value` when it is a usable identity, and throws otherwise. The error
 * tells which member is wrong and never what it holds.
 *
 * @param origin - where the value is from, as the subject of the sentence
 */
export function checkCredentials(value: unknown, origin: string): AwsCredentialIdentity {
  if (typeof value !== 'object' || value === null) {
    throw unusable(origin, `are ${value === null ? 'null' : `of type ${typeof value}`}`);
  }
  const identity = value as AwsCredentialIdentity;
  requireText(origin, 'accessKeyId', identity.accessKeyId);
  requireText(origin, 'secretAccessKey', identity.secretAccessKey);
  if (identity.sessionToken !== undefined) {
    requireText(origin, 'sessionToken', identity.sessionToken);
  }
  checkLength(origin, identity);
  const { expiration } = identity;
  if (expiration !== undefined && !(expiration instanceof Date && !isNaN(expiration.getTime()))) {
    throw unusable(origin, 'have an expiration that is not a valid Date');
  }
  return Object.freeze({ ...identity });
}

/** Throws when `identity` has expired at `now` (ms). */
export function checkExpiration(
  identity: AwsCredentialIdentity,
  origin: string,
  now: number,
): AwsCredentialIdentity {
  const { expiration } = identity;
  if (expiration === undefined || expiration.getTime() > now) return identity;
  const advice =
    'get new ones, pass an async function as `credentials` so that they are renewed, ' +
    'and check that the clock of this machine is right';
  throw new KinesisVideoError(
    'STATUS_INVALID_TOKEN_EXPIRATION',
    `${origin} expired at ${expiration.toISOString()}, and it is ${new Date(now).toISOString()}: ${advice}.`,
    { values: { expiration: expiration.getTime(), now }, advice },
  );
}

/** Longer ones do not fit into the headers of a request. */
function checkLength(origin: string, identity: AwsCredentialIdentity): void {
  const { accessKeyId, secretAccessKey, sessionToken = '' } = identity;
  const length = Buffer.byteLength(accessKeyId + secretAccessKey + sessionToken);
  if (length <= MAX_LENGTH) return;
  const advice = 'get ones for a role with fewer session tags and policies';
  throw new KinesisVideoError(
    'STATUS_INVALID_AUTH_LEN',
    `${origin} have ${length} bytes, and ${MAX_LENGTH} are allowed: ${advice}.`,
    { values: { length, limit: MAX_LENGTH }, advice },
  );
}

function requireText(origin: string, name: string, value: unknown): void {
  if (typeof value !== 'string') throw unusable(origin, `have no ${name} in them`);
  // A key copied together with its newline would otherwise end in an invalid HTTP header.
  if (value === '' || /[\s\0]/.test(value)) {
    throw unusable(origin, `have, as ${name}, a text that is empty or holds white space`);
  }
}

function unusable(origin: string, problem: string): KinesisVideoError {
  const advice = 'give an object { accessKeyId, secretAccessKey, sessionToken?, expiration? }';
  return new KinesisVideoError('STATUS_INVALID_ARG', `${origin} ${problem}: ${advice}.`, {
    advice,
  });
}
