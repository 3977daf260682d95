/** What `DialFailure` says besides its message. */
export interface DialFailureOptions {
  /** The system's code, OpenSSL's, or one of `ERR_PROXY_…`, by which the rule is found. */
  readonly code: string;
  /** The proxy that failed, without user and password, when it was not the server. */
  readonly proxy?: string | undefined;
  /** What the other side did, as the end of a sentence about it, when the code does not tell. */
  readonly problem?: string | undefined;
  readonly cause?: unknown;
}

/**
 * Why there is no connection, where an error of the system cannot say it: which proxy failed and
 * how, or what took too long. `networkError` makes the error for the user out of it.
 */
export class DialFailure extends Error {
  override readonly name: string = 'DialFailure';
  readonly code: string;
  readonly proxy: string | undefined;
  readonly problem: string | undefined;

  constructor(message: string, options: DialFailureOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.proxy = options.proxy;
    this.problem = options.problem;
  }
}
