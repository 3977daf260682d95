/** Secrets that must not be seen anywhere; all rows sign with them. */
import { CANARY_SECRET_KEY, CANARY_SESSION_TOKEN, CANARY as SECRET } from '../../support/canary.js';

export const CANARY = {
  accessKeyId: 'AKIDCANARY0815',
  secretAccessKey: CANARY_SECRET_KEY,
  sessionToken: CANARY_SESSION_TOKEN,
};

/** What of the secrets is in a text. */
export function secretsIn(text: string): string[] {
  return text.includes(SECRET) ? [SECRET] : [];
}
