import { KinesisVideoError } from '../internal/errors.js';
import { networkError } from './network-error.js';
import { parseRetryAfter } from './retry-after.js';
import type { ServiceCall, ServiceFailure } from './service-call.js';
import { serviceError, type Signer } from './service-error.js';

/** What the service answered to a client of the SDK. */
export interface SdkFailure extends ServiceFailure {
  /** Whether the client has just learned the right time, so that a repetition may succeed. */
  readonly skewCorrected: boolean;
}

/**
 * Makes the error for what a client of the AWS SDK threw: an answer of the service, or none. An
 * error of this package, which the credentials provider may throw, stays as it is.
 */
export function sdkError(call: ServiceCall, error: unknown, signer?: Signer): KinesisVideoError {
  if (error instanceof KinesisVideoError) return error;
  const failure = sdkFailure(error);
  return failure === undefined ? networkError(call, error) : serviceError(call, failure, signer);
}

/** What the service answered, when `error` is the SDK's form of an answer. */
export function sdkFailure(error: unknown): SdkFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { $metadata, $response } = error as {
    $metadata?: { httpStatusCode?: number; requestId?: string; clockSkewCorrected?: boolean };
    $response?: { headers?: Record<string, string> };
  };
  if ($metadata?.httpStatusCode === undefined) return undefined;
  return {
    httpStatus: $metadata.httpStatusCode,
    type: error.name,
    message: error.message,
    requestId: $metadata.requestId,
    retryAfter: parseRetryAfter($response?.headers?.['retry-after']),
    skewCorrected: $metadata.clockSkewCorrected === true,
  };
}
