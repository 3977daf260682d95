import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
import { KinesisVideoError } from '../internal/errors.js';
import { redact } from '../internal/redact.js';
import { checkCredentials, checkExpiration } from './check.js';
import { memoizeCredentials } from './memoize.js';
import type { CredentialsInput, CredentialsProvider } from './types.js';

const CHAIN_ADVICE =
  'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, run `aws configure` or `aws sso login`, ' +
  'or pass `credentials`';

/** Providers made here, which need no second layer around them. */
const resolved = new WeakSet<AwsCredentialIdentityProvider>();

/**
 * Turns what the user gave as `credentials` into one provider: fixed keys, any async provider of
 * the AWS SDK, or, when nothing is given, the default chain of the SDK, which is loaded on first
 * use (environment, shared files, SSO, process, web identity, container, EC2).
 *
 * The provider keeps credentials until a minute before they expire, shares one request between
 * callers and keeps valid credentials when a renewal fails. It rejects with a `KinesisVideoError`:
 * `STATUS_INVALID_ARG` for an unusable answer, `STATUS_INVALID_TOKEN_EXPIRATION` for an expired
 * one, `STATUS_GET_STREAMING_TOKEN_CALL_FAILED` when the source fails.
 *
 * @throws KinesisVideoError STATUS_INVALID_ARG when `input` is none of the three
 */
export function resolveCredentials(input?: CredentialsInput): CredentialsProvider {
  if (typeof input === 'function' && resolved.has(input)) return input;
  const provider = makeProvider(input);
  resolved.add(provider);
  return provider;
}

function makeProvider(input: CredentialsInput): CredentialsProvider {
  if (input === undefined) {
    return memoizeCredentials(defaultChain(), {
      origin: 'The credentials of the default chain',
      explain: (error, renewal) => explainChain(error, renewal),
    });
  }
  if (typeof input === 'function') {
    return memoizeCredentials(input, {
      origin: 'The credentials of the `credentials` function',
      explain: explainFunction,
    });
  }
  return fixedKeys(checkCredentials(input, 'The given `credentials`'));
}

function fixedKeys(identity: AwsCredentialIdentity): CredentialsProvider {
  const provider = (): Promise<AwsCredentialIdentity> =>
    new Promise((resolve) => {
      resolve(checkExpiration(identity, 'The given `credentials`', Date.now()));
    });
  return Object.assign(provider, { invalidate: () => false });
}

/** The default chain; importing this package must not load the SDK's credential providers. */
function defaultChain(): AwsCredentialIdentityProvider {
  let chain: AwsCredentialIdentityProvider | undefined;
  return async (request) => {
    if (chain === undefined) {
      const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
      // The files are read again at every renewal: keys are rotated by rewriting them.
      chain = fromNodeProviderChain({ ignoreCache: true });
    }
    return chain(request);
  };
}

function explainChain(error: unknown, renewal: boolean): KinesisVideoError {
  if (error instanceof KinesisVideoError) return error;
  const profile = process.env['AWS_PROFILE'] ?? 'default';
  const tried =
    'AWS_ACCESS_KEY_ID in the environment, ' +
    `profile "${profile}" of the shared config and credentials files (keys, SSO, process, role), ` +
    'the web identity token file, and the metadata service of the container or EC2 instance';
  const message = `No AWS credentials were found (${reasonOf(error)}). Tried: ${tried}. To fix it, ${CHAIN_ADVICE}.`;
  return sourceFailed(message, CHAIN_ADVICE, error, renewal);
}

function explainFunction(error: unknown, renewal: boolean): KinesisVideoError {
  if (error instanceof KinesisVideoError) return error;
  const advice = 'check the source it reads them from';
  const message = `The \`credentials\` function failed (${reasonOf(error)}): ${advice}.`;
  return sourceFailed(message, advice, error, renewal);
}

/** A source that has worked before may work again, and so may a network. */
function sourceFailed(
  message: string,
  advice: string,
  error: unknown,
  renewal: boolean,
): KinesisVideoError {
  const code = (error as { code?: unknown } | null)?.code;
  const isSystemError = typeof code === 'string' && /^E[A-Z_]+$/.test(code);
  const retryable = renewal || isSystemError || nameOf(error) === 'TimeoutError';
  // A JSON parser quotes what it could not read, and that may be a secret.
  const cause = isParserError(error) ? undefined : error;
  return new KinesisVideoError('STATUS_GET_STREAMING_TOKEN_CALL_FAILED', message, {
    advice,
    retryable,
    cause,
  });
}

/** One line that tells why a source failed. */
function reasonOf(error: unknown): string {
  if (isParserError(error)) return 'its answer is not valid JSON';
  if (!(error instanceof Error)) return `${typeof error} was thrown`;
  const [line = ''] = error.message.split('\n', 1);
  return redact(line === '' ? nameOf(error) : line);
}

function isParserError(error: unknown): boolean {
  return error instanceof SyntaxError;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
