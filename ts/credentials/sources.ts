/** What is known here about a provider, besides that it is a function. */
import { KinesisVideoError } from '../internal/errors.js';
import { redact } from '../internal/redact.js';

/** How the credentials of a source are handled. */
export interface SourceTraits {
  /** What they are called in errors, as the plural subject of a sentence. */
  readonly origin: string;
  /** Turns what the source threw into the error to report. */
  readonly explain: (error: unknown, renewal: boolean) => KinesisVideoError;
  /** Whether the source decides by itself, at each call, whether new ones are to be had. */
  readonly isCache?: boolean;
}

const known = new WeakMap<object, SourceTraits>();

/** Notes the traits of a provider that is made here, and returns it. */
export function describeSource<T extends object>(provider: T, traits: SourceTraits): T {
  known.set(provider, traits);
  return provider;
}

/** The traits of a provider; those of a function of the user when it was not made here. */
export function traitsOf(provider: object): SourceTraits {
  return known.get(provider) ?? USER_FUNCTION;
}

const USER_FUNCTION: SourceTraits = {
  origin: 'The credentials of the `credentials` function',
  explain(error, renewal) {
    if (error instanceof KinesisVideoError) return afterSuccess(error, renewal);
    const advice = 'check the source it reads them from';
    const message = `The \`credentials\` function failed (${reasonOf(error)}): ${advice}.`;
    return sourceFailed(message, advice, error, renewal);
  },
};

/**
 * The error for a source that failed. One that has worked before may work again, and so may a
 * network.
 */
export function sourceFailed(
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

/**
 * The error itself, but as one that may be tried again when the source has worked before: a file can
 * be read in the middle of its replacement. A refusal by a server stays one.
 */
export function afterSuccess(error: KinesisVideoError, renewal: boolean): KinesisVideoError {
  const { httpStatus } = error.values;
  const isRefusal = typeof httpStatus === 'number' && httpStatus >= 400 && httpStatus < 500;
  if (!renewal || error.retryable || isRefusal) return error;
  const { code, message, values, advice, requestId, cause } = error;
  return new KinesisVideoError(code, message, {
    values,
    advice,
    requestId,
    cause,
    retryable: true,
  });
}

/** One line that tells why a source failed. */
export function reasonOf(error: unknown): string {
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
