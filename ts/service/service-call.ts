/** The call that failed, as far as a sentence about it needs. */
export interface ServiceCall {
  /** Name of the operation, such as `PutMedia`; also the IAM action after `kinesisvideo:`. */
  readonly operation: string;
  readonly region: string;
  /** URL of the endpoint, when it is known. */
  readonly endpoint?: string | undefined;
  readonly streamName?: string | undefined;
}

/** An attempt of a call that has ended. */
export interface CallAttempt extends ServiceCall {
  /** Milliseconds that it took. */
  readonly duration: number;
  /** Whether it repeats one that has failed. */
  readonly isRetry: boolean;
  /** Why it failed, or the reason for which it was given up. */
  readonly error?: unknown;
}

/** An answer of the service that is not a success. */
export interface ServiceFailure {
  readonly httpStatus: number;
  /** The exception's name, such as `ResourceNotFoundException`. */
  readonly type?: string | undefined;
  readonly message?: string | undefined;
  readonly requestId?: string | undefined;
  /** Milliseconds that the service asks to be left alone for. */
  readonly retryAfter?: number | undefined;
}

/** The entries of `values` that every error of a service call has. */
export function callValues(call: ServiceCall): Record<string, unknown> {
  const { operation, region, endpoint, streamName } = call;
  return {
    operation,
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(streamName !== undefined && { streamName }),
  };
}

/** Where the call went, after "the service": the endpoint when it is known, else the region. */
export function placeOf(call: ServiceCall): string {
  return call.endpoint === undefined ? `in ${call.region}` : `at ${call.endpoint}`;
}
