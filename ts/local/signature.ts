/**
 * Verification of AWS Signature Version 4 in the Authorization header, written from the rules for
 * clients: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AuthenticationException, type AuthenticationFailure } from './exceptions.js';
import type { AccessKey, AccessKeys } from './keys.js';

/** Whose signatures are accepted. */
export interface SignaturePolicy {
  readonly keys: Pick<AccessKeys, 'find'>;
  readonly region: string;
  /** The endpoint's clock, in milliseconds since the Unix epoch. */
  readonly now: () => number;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SERVICE = 'kinesisvideo';
const TERMINATOR = 'aws4_request';
const MAX_SKEW_MINUTES = 5;
const AUTHORIZATION = /^AWS4-HMAC-SHA256\s+(.*)$/;
const SCOPE = /^(?<keyId>.+)\/(?<day>\d{8})\/(?<region>[^/]*)\/(?<service>[^/]*)\/(?<end>[^/]*)$/;
const TIMESTAMP = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const HEX_DIGEST = /^[0-9a-f]{64}$/;

/** SHA-256 of nothing: what clients sign for a body of unknown length. */
const EMPTY_HASH = sha256('');

/** A signature that has been read from a request but not compared yet. */
export interface SignatureClaim {
  /** The key by which it claims to be made. */
  readonly key: AccessKey;
  /**
   * Compares it. `body` is undefined for a body that is streamed and hence not signed. Throws
   * AuthenticationException.
   */
  verify(body: Uint8Array | undefined): void;
}

/**
 * Reads the signature of `request` and checks everything about it that does not need the body:
 * form, access key, scope and time. Throws AuthenticationException.
 */
export function readSignature(request: IncomingMessage, policy: SignaturePolicy): SignatureClaim {
  const header = request.headers.authorization;
  if (header === undefined) {
    throw refuse('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const parts = readAuthorization(header);
  const scope = SCOPE.exec(parts.credential)?.groups;
  if (scope === undefined) {
    throw incomplete(`Credential must have 5 parts separated by '/', got '${parts.credential}'.`);
  }
  const key = policy.keys.find(scope['keyId'] ?? '');
  if (key === undefined) {
    const known = "the local endpoint accepts the pair 'local'/'local' unless told otherwise";
    throw refuse(
      'UnrecognizedClientException',
      `The security token included in the request is invalid: access key '${scope['keyId']}' is not known (${known}).`,
    );
  }
  checkSession(key, request, policy.now());
  checkScope(scope, policy.region);
  checkSignedHeaders(parts.signedHeaders);
  const date = requestDate(request);
  checkTime(date, scope['day'] ?? '', policy.now());
  const secret = key.secretAccessKey;
  return {
    key,
    verify: (body) => {
      const payloadHash = readPayloadHash(request, body);
      compare(request, { ...parts, date, secret, scope, payloadHash });
    },
  };
}

interface AuthorizationParts {
  readonly credential: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

function readAuthorization(header: string): AuthorizationParts {
  const list = AUTHORIZATION.exec(header)?.[1];
  if (list === undefined) {
    throw incomplete(`Authorization header must begin with '${ALGORITHM}'.`);
  }
  const fields = new Map<string, string>();
  for (const field of list.split(',')) {
    const equals = field.indexOf('=');
    fields.set(field.slice(0, equals).trim(), field.slice(equals + 1).trim());
  }
  const take = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined || value === '') {
      throw incomplete(`Authorization header requires '${name}' parameter.`);
    }
    return value;
  };
  return {
    credential: take('Credential'),
    signedHeaders: take('SignedHeaders').toLowerCase().split(';'),
    signature: take('Signature'),
  };
}

/** A temporary key works with its token, until its end. */
function checkSession(key: AccessKey, request: IncomingMessage, now: number): void {
  const { sessionToken, expires = Infinity } = key;
  if (sessionToken === undefined) return;
  if (request.headers['x-amz-security-token'] !== sessionToken) {
    throw refuse(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
  }
  if (now >= expires) {
    throw refuse('ExpiredTokenException', 'The security token included in the request is expired');
  }
}

function checkScope(scope: Record<string, string>, region: string): void {
  if (scope['region'] !== region) {
    throw invalid(
      `Credential should be scoped to a valid region. This endpoint is in '${region}', the request is signed for '${scope['region']}'.`,
    );
  }
  if (scope['service'] !== SERVICE) {
    throw invalid(`Credential should be scoped to correct service: '${SERVICE}'.`);
  }
  if (scope['end'] !== TERMINATOR) {
    throw invalid(`Credential should be scoped with a valid terminator: '${TERMINATOR}'.`);
  }
}

function checkSignedHeaders(signed: readonly string[]): void {
  for (const name of ['host', 'x-amz-date']) {
    if (!signed.includes(name)) {
      throw invalid(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
    }
  }
}

function requestDate(request: IncomingMessage): string {
  const date = request.headers['x-amz-date'];
  if (typeof date !== 'string' || !TIMESTAMP.test(date)) {
    throw incomplete("Authorization header requires existence of an 'X-Amz-Date' header.");
  }
  return date;
}

function checkTime(date: string, scopeDay: string, now: number): void {
  if (!date.startsWith(scopeDay)) {
    const day = date.slice(0, 8);
    throw invalid(
      `Date in Credential scope does not match YYYYMMDD from the request date: '${scopeDay}' != '${day}'.`,
    );
  }
  const signedAt = Date.parse(date.replace(TIMESTAMP, '$1-$2-$3T$4:$5:$6Z'));
  const skew = MAX_SKEW_MINUTES * 60_000;
  // Signatures carry whole seconds, so the clock is compared in whole seconds.
  const second = Math.floor(now / 1000) * 1000;
  const [earliest, latest] = [second - skew, second + skew];
  if (!(signedAt >= earliest)) {
    throw invalid(
      `Signature expired: ${date} is now earlier than ${basic(earliest)} (${basic(now)} - ${MAX_SKEW_MINUTES} min.)`,
    );
  }
  if (signedAt > latest) {
    throw invalid(
      `Signature not yet current: ${date} is still later than ${basic(latest)} (${basic(now)} + ${MAX_SKEW_MINUTES} min.)`,
    );
  }
}

interface Comparison extends AuthorizationParts {
  readonly date: string;
  readonly secret: string;
  readonly scope: Record<string, string>;
  readonly payloadHash: string;
}

/**
 * The payload line of the canonical request: what the client declared, which for a streamed body
 * may be UNSIGNED-PAYLOAD or STREAMING-AWS4-HMAC-SHA256-PAYLOAD, else the hash of the body.
 */
function readPayloadHash(request: IncomingMessage, body: Uint8Array | undefined): string {
  const declared = request.headers['x-amz-content-sha256'];
  const computed = body === undefined ? EMPTY_HASH : sha256(body);
  if (typeof declared !== 'string') return computed;
  if (body !== undefined && HEX_DIGEST.test(declared) && declared !== computed) {
    throw invalid("The provided 'x-amz-content-sha256' header does not match what was computed.");
  }
  return declared;
}

function compare(request: IncomingMessage, what: Comparison): void {
  const canonical = canonicalRequest(request, what.signedHeaders, what.payloadHash);
  const { day = '', region = '' } = what.scope;
  const scope = `${day}/${region}/${SERVICE}/${TERMINATOR}`;
  const stringToSign = `${ALGORITHM}\n${what.date}\n${scope}\n${sha256(canonical)}`;
  const key = [day, region, SERVICE, TERMINATOR].reduce<string | Buffer>(
    hmac,
    `AWS4${what.secret}`,
  );
  const expected = hmac(key, stringToSign);
  const given = Buffer.from(what.signature, 'hex');
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw invalid(
    'The request signature we calculated does not match the signature you provided. ' +
      'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\n' +
      `The Canonical String for this request should have been\n'${canonical}'\n\n` +
      `The String-to-Sign should have been\n'${stringToSign}'\n`,
  );
}

function canonicalRequest(
  request: IncomingMessage,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s, 2);
  const headers = signedHeaders.map((name) => {
    const values = request.headersDistinct[name] ?? [];
    return `${name}:${values.map((value) => value.trim().replace(/\s+/g, ' ')).join(',')}\n`;
  });
  return [
    request.method ?? '',
    path.split('/').map(encodeSegment).join('/'),
    query.split('&').sort().join('&'),
    headers.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

/** Percent-encodes all but the unreserved characters, once more than the URL already is. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The form `20231107T045305Z`. */
function basic(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function refuse(type: AuthenticationFailure, message: string): AuthenticationException {
  return new AuthenticationException(type, message);
}

function incomplete(message: string): AuthenticationException {
  return refuse('IncompleteSignatureException', message);
}

function invalid(message: string): AuthenticationException {
  return refuse('InvalidSignatureException', message);
}
