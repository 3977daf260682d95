/**
 * The secrets of the tests. The runner fails a file whose output holds one: whatever is printed,
 * logged or thrown on the way of a test must not show the keys that it works with. A test that has to
 * write one of them itself, as into a file that is meant to be read, does not print it.
 */

/** What every secret of the tests contains, in a form that no other text has. */
export const CANARY = 'canary7q0815';

/** A secret access key that must not be shown anywhere. */
export const CANARY_SECRET_KEY = `${CANARY}SecretAccessKey`;

/** A session token that must not be shown anywhere. */
export const CANARY_SESSION_TOKEN = `${CANARY}SessionToken`;

/** Credentials whose secret parts must not be shown anywhere. */
export const canaryCredentials = Object.freeze({
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: CANARY_SECRET_KEY,
  sessionToken: CANARY_SESSION_TOKEN,
});
