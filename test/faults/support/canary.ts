/** Secrets that must not be seen anywhere; all rows sign with those of the tests. */
import { CANARY, canaryCredentials } from '../../support/canary.js';

export { canaryCredentials };

/** What the endpoint accepts: it does not mind which session token goes with it. */
export const KEY_PAIR = {
  accessKeyId: canaryCredentials.accessKeyId,
  secretAccessKey: canaryCredentials.secretAccessKey,
};

/** User and password of the proxy. */
export const PROXY_LOGIN = `user:${CANARY}Password`;
const BASIC = Buffer.from(PROXY_LOGIN).toString('base64');

/** What of the secrets is in a text: a part of it around each. */
export function secretsIn(text: string): string[] {
  return [CANARY, BASIC].flatMap((secret) => {
    const at = text.indexOf(secret);
    return at < 0 ? [] : [text.slice(Math.max(0, at - 60), at + 60)];
  });
}
