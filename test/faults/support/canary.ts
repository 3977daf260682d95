/** Secrets that must not be seen anywhere; all rows sign with them. */

export const CANARY = {
  accessKeyId: 'AKIDCANARY0815',
  secretAccessKey: 'canarySecretKeyOfTheFaultSuite0815',
  sessionToken: 'canarySessionTokenOfTheFaultSuite0815',
};

/** What of the secrets is in a text. */
export function secretsIn(text: string): string[] {
  const { secretAccessKey, sessionToken } = CANARY;
  return [secretAccessKey, sessionToken].filter((secret) => text.includes(secret));
}
