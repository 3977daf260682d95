import type { IncomingMessage } from 'node:http';
import { parseRetryAfter } from './retry-after.js';
import type { ServiceFailure } from './service-call.js';

/** As much of an error's body as is read; those of the service are some hundred bytes. */
const MAX_BODY = 16 * 1024;

/** How long (ms) the body of an error may take to arrive. */
const BODY_TIMEOUT = 2000;

/**
 * Reads why the service refused a request: exception type and message from the headers and from
 * as much of the body as arrives within 2 seconds and 16 KiB. Never rejects; a body that is not
 * JSON, such as the HTML of a proxy, yields no message.
 */
export async function readRefusal(response: IncomingMessage): Promise<ServiceFailure> {
  const body = parseObject(await readBody(response));
  const header = (name: string): string | undefined => {
    const value = response.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  return {
    httpStatus: response.statusCode ?? 0,
    // The order in which the SDKs look for the type; the guide spells the headers both ways.
    type: typeName(
      header('x-amzn-errortype') ?? header('x-amz-errortype') ?? body['code'] ?? body['__type'],
    ),
    message: text(body['Message'] ?? body['message']),
    requestId: header('x-amzn-requestid') ?? header('x-amz-requestid'),
    retryAfter: parseRetryAfter(header('retry-after')),
  };
}

function readBody(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (): void => {
      clearTimeout(timer);
      response.off('data', onData).off('end', finish).off('close', finish);
      resolve(Buffer.concat(chunks).toString('utf8', 0, MAX_BODY));
    };
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= MAX_BODY) finish();
    };
    const timer = setTimeout(finish, BODY_TIMEOUT);
    response.on('data', onData).on('end', finish).on('close', finish);
  });
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** `com.amazon.coral.service#SomeException:http://…` is `SomeException`. */
function typeName(value: unknown): string | undefined {
  const name = text(value)?.split(/[,:]/, 1)[0];
  return name?.slice(name.lastIndexOf('#') + 1) || undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
