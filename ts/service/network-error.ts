import type { KinesisVideoError } from '../internal/errors.js';
import { networkError as peerError } from '../network/index.js';
import { callValues, placeOf, type ServiceCall } from './service-call.js';

/** Makes the error for a call that got no answer: refused, lost, timed out, not trusted. */
export function networkError(call: ServiceCall, cause: unknown): KinesisVideoError {
  const { operation } = call;
  return peerError(
    { name: `service ${placeOf(call)}`, operation, values: callValues(call) },
    cause,
  );
}
