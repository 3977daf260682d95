import type { ServerResponse } from 'node:http';
import { KinesisVideoError } from '../../internal/errors.js';
import type { ErrorAnswer } from '../protocol.js';

/** What the page may do: run its own scripts and styles, and ask its own server. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' blob:",
  // Players take media apart in workers that they make out of text.
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const COMMON_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  // The address holds the token.
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  STATUS_NOT_FOUND: 404,
  STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR: 404,
  STATUS_INVALID_ARG: 400,
};

/** Begins an answer. */
export function begin(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, { ...COMMON_HEADERS, 'cache-control': 'no-store', ...headers });
}

/** Answers with an object. */
export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  begin(response, status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Answers with a sentence, for people. */
export function sendText(response: ServerResponse, status: number, text: string): void {
  begin(response, status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

/** Answers with what went wrong, or breaks off when an answer has begun. */
export function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const answer = errorAnswer(error);
  sendJson(response, answer, STATUS_OF_CODE[answer.code] ?? 502);
}

/** What the page is told of an error: nothing of where it happened. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof KinesisVideoError) {
    const { code, message, retryable } = error;
    return { code, message, retryable };
  }
  const reason = error instanceof Error ? error.message : String(error);
  const message = `Something went wrong that was not expected: ${reason}`;
  return { code: 'UNEXPECTED', message, retryable: false };
}
