/**
 * Finds secrets in a text. Everything here takes time in proportion to the length of the text, also
 * for one that was made to be slow: no pattern can begin at many places and run far from each.
 */

/** What stands in the place of a secret. */
export const MASK = '[redacted]';

/**
 * Keys of AWS have 16 characters and more. What is shorter is that of a test, and may be a part of any
 * word.
 */
const MIN_SECRET_LENGTH = 8;

/** Names whose value is a secret wherever they stand: headers, query parameters, JSON, ini files. */
const SECRET_NAMES =
  'x-amz-(?:security-token|signature|credential)|(?:proxy-)?authorization|' +
  'secret[_-]?access[_-]?key|(?:client|shared)[_-]?secret|private[_-]?key|' +
  '(?:session|security|access|refresh|id|auth|authorization)[_-]?token|' +
  'passw(?:or)?d|passphrase';

/** The name of an entry whose value is a secret. */
const SECRET_KEY =
  /(?:secret|password|passwd|passphrase|token|authorization|signature|cookie|(?:private|secret|api|secret_?access)[_-]?key|x-amz-credential)$/i;

/**
 * A name with what stands between it and its value: `:`, `=`, or `=>`, and a comma in a list of
 * quoted names and values. Quotes may be escaped, as in JSON inside of JSON.
 */
const ASSIGNMENT = new RegExp(
  `(?:${SECRET_NAMES}|(?<=["'])(?:token|secret))(?:(?:\\\\{0,8}["'])?\\s*(?:=>|[:=])|\\\\{0,8}["']\\s*,(?=\\s*\\\\{0,8}["']))\\s*`,
  'gi',
);
const OPENING_QUOTE = /\\{0,8}["']/y;
/** An Authorization header holds spaces, and is taken to the end of its line. */
const SCHEME_VALUE = /(?:AWS4|Bearer|Basic|Digest|Negotiate)[^\r\n"']*/iy;
const BARE_VALUE = /[^\s"'&]+/y;

/** An Authorization header of Signature Version 4 without its name. */
const SIGNATURE = /AWS4-HMAC-SHA256 Credential=[^\r\n"']*/g;
/** The scheme before it does not matter, and looking for one at each letter takes time. */
const URL_USER_INFO = /:\/\/[^\s/?#]*@/g;
/** A line of a credential file: access key, expiration, secret key and session token. */
const CREDENTIALS_LINE = /\bCREDENTIALS[ \t]+[A-Z0-9]{4,128}[ \t]+[^\r\n"'`]*/g;

const KEY_BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/g;
const KEY_END = 'PRIVATE KEY-----';

/** Whether the value of an entry with this name is a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_KEY.test(name);
}

/**
 * Masks secrets in a text: private keys, values of well-known names, user and password of URLs, lines
 * of credential files, and every occurrence of the given `secrets`, those of a few characters apart.
 */
export function redact(text: string, secrets: readonly (string | undefined)[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret !== undefined && secret.length >= MIN_SECRET_LENGTH) {
      clean = clean.replaceAll(secret, MASK);
    }
  }
  return maskAssignments(maskPrivateKeys(clean))
    .replace(SIGNATURE, MASK)
    .replace(CREDENTIALS_LINE, `CREDENTIALS ${MASK}`)
    .replace(URL_USER_INFO, `://${MASK}@`);
}

/** Masks from the beginning of each key to its end, or to that of the text. */
function maskPrivateKeys(text: string): string {
  return maskEach(text, KEY_BEGIN, (from) => {
    const end = text.indexOf(KEY_END, from);
    return [from, end < 0 ? text.length : end + KEY_END.length];
  });
}

function maskAssignments(text: string): string {
  return maskEach(text, ASSIGNMENT, (from) => {
    const quote = matchAt(OPENING_QUOTE, text, from);
    if (quote > from) return [quote, endOfQuoted(text, quote, quote - from - 1)];
    return [from, Math.max(matchAt(SCHEME_VALUE, text, from), matchAt(BARE_VALUE, text, from))];
  });
}

/**
 * Masks what follows each match.
 *
 * @param range - from where to where to mask, for a match that ends at `from`
 */
function maskEach(
  text: string,
  pattern: RegExp,
  range: (from: number) => readonly [number, number],
): string {
  let clean = '';
  let done = 0;
  pattern.lastIndex = 0;
  while (pattern.exec(text) !== null) {
    const [from, to] = range(pattern.lastIndex);
    if (to <= from) continue;
    clean += text.slice(done, from) + MASK;
    done = to;
    pattern.lastIndex = to;
  }
  return done === 0 ? text : clean + text.slice(done);
}

/** Where a sticky pattern that matches at `from` ends; `from` when it does not. */
function matchAt(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : from;
}

/**
 * Where a quoted value ends: at the first quote of its kind that is escaped no deeper than the first
 * one was, or with the text.
 */
function endOfQuoted(text: string, from: number, escapes: number): number {
  const quote = text[from - 1] ?? '';
  for (let end = text.indexOf(quote, from); end >= 0; end = text.indexOf(quote, end + 1)) {
    let backslash = end;
    while (backslash > from && text[backslash - 1] === '\\') backslash -= 1;
    if (end - backslash <= escapes) return backslash;
  }
  return text.length;
}
