import type { AwsCredentialIdentity } from '@smithy/types';
import type { CredentialsProvider } from '../credentials/index.js';
import { KinesisVideoError } from '../internal/errors.js';
import { redact } from '../internal/redact.js';
import { findRule, isRefusedIdentity } from './error-rules.js';
import { callValues, placeOf, type ServiceCall, type ServiceFailure } from './service-call.js';

/** Longest part of the service's own message that goes into ours; it may quote whole requests. */
const MAX_QUOTE = 300;

/** Who signed the request that failed. */
export interface Signer {
  readonly identity: AwsCredentialIdentity;
  readonly provider: CredentialsProvider;
}

/**
 * Makes the error for an answer of the service: status by exception type, else by HTTP status,
 * and a sentence with the stream, the region, the service's words and the remedy. Secrets of the
 * signer are masked should the service quote them. Its provider is told when the service no longer
 * takes its credentials; an expired token is retryable when there can be a new one.
 */
export function serviceError(
  call: ServiceCall,
  failure: ServiceFailure,
  signer?: Signer,
): KinesisVideoError {
  const rule = findRule(call, failure);
  const secrets = [signer?.identity.secretAccessKey, signer?.identity.sessionToken];
  const renewable = !isRefusedIdentity(failure) || renew(signer);
  // Masked before they are cut: a part of a secret would not be recognized.
  const clean = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : redact(text, secrets).slice(0, MAX_QUOTE);
  const type = clean(failure.type);
  const quote = quoteOf(failure.message, secrets);
  const answer = [`HTTP ${failure.httpStatus}`, ...(type ? [type] : []), ...(quote ? [quote] : [])];
  const message = redact(
    `${rule.problem(call)} (${answer.join(', ')}): ${rule.advice(call)}.`,
    secrets,
  );
  return new KinesisVideoError(rule.code, message, {
    values: {
      ...callValues(call),
      httpStatus: failure.httpStatus,
      ...(type && { errorType: type }),
      ...(failure.retryAfter !== undefined && { retryAfter: failure.retryAfter }),
    },
    advice: rule.advice(call),
    retryable: rule.retryable && renewable,
    requestId: clean(failure.requestId),
  });
}

/** Has the provider get new credentials; providers that cannot be told may renew by themselves. */
function renew(signer: Signer | undefined): boolean {
  return signer?.provider.invalidate?.(signer.identity) ?? true;
}

/** The service's message in quotes: one line, bounded, without secrets. */
function quoteOf(
  message: string | undefined,
  secrets: readonly (string | undefined)[],
): string | undefined {
  // What follows the first line is the canonical request, of no use without the secret key.
  const line = redact(message?.trim() ?? '', secrets).split(/[\r\n]/, 1)[0] ?? '';
  const printable = line.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
  if (printable === '') return undefined;
  return `"${printable.length > MAX_QUOTE ? `${printable.slice(0, MAX_QUOTE)}…` : printable}"`;
}

/** The error for an answer that is a success but lacks what it should hold. */
export function malformedAnswer(call: ServiceCall, missing: string): KinesisVideoError {
  const advice = 'check that the endpoint is that of Kinesis Video Streams';
  return new KinesisVideoError(
    'STATUS_SERVICE_CALL_UNKNOWN_ERROR',
    `The answer to ${call.operation} of the service ${placeOf(call)} has no ${missing}: ${advice}.`,
    { values: callValues(call), advice },
  );
}
