import { KinesisVideoError } from '../internal/errors.js';
import { DialFailure } from './dial-failure.js';
import { findFailureRule } from './failure-rules.js';

/** Whom a request went to, as far as a sentence about it needs. */
export interface Peer {
  /** Such as `service at https://…`: what comes after "The". */
  readonly name: string;
  /** What was asked for, such as `PutMedia`. */
  readonly operation: string;
  /** The entries of `values` that the error shall have. */
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Makes the error for a request that got no answer: refused, lost, timed out, not trusted, or held
 * up by a proxy. Its `values` tell the kind of failure as `reason`, the code of the system, of
 * OpenSSL or of this package as `errorCode`, and the proxy, when it is the one that failed.
 *
 * @param cause - what `Dialer.dial` or the request has failed with; an error of this package stays
 */
export function networkError(peer: Peer, cause: unknown): KinesisVideoError {
  if (cause instanceof KinesisVideoError) return cause;
  const failure = cause instanceof DialFailure ? cause : undefined;
  const proxy = failure?.proxy;
  const code = codeOf(cause);
  const { status, retryable, reason, problem, advice } = findFailureRule(code, proxy !== undefined);
  const subject = proxy === undefined ? `The ${peer.name}` : `The proxy ${proxy}`;
  const errand =
    proxy === undefined ? peer.operation : `on the way to the ${peer.name}, ${peer.operation}`;
  const details = failure?.problem === undefined ? `${detailOf(cause, code)}, ${errand}` : errand;
  return new KinesisVideoError(
    status,
    `${subject} ${failure?.problem ?? problem} (${details}): ${advice}.`,
    {
      values: {
        ...peer.values,
        reason,
        ...(code !== undefined && { errorCode: code }),
        ...(proxy !== undefined && { proxy }),
      },
      advice,
      retryable,
      cause,
    },
  );
}

/** The code and the host name that could not be found, or else the message. */
function detailOf(error: unknown, code: string | undefined): string {
  if (!(error instanceof Error)) return String(error);
  const { hostname } = error as { hostname?: unknown };
  if (code === undefined || code.startsWith('ERR_PROXY_')) return error.message;
  return typeof hostname === 'string' ? `${code} ${hostname}` : code;
}

/** The system's or OpenSSL's code of an error; SDK time-outs have a name only. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  return error.name === 'TimeoutError' ? 'ETIMEDOUT' : undefined;
}
