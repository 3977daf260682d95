import type { IncomingHttpHeaders } from 'node:http';
import { ServiceException } from './exceptions.js';
import type { AccessKey } from './keys.js';

const STREAM_OF_ARN = /^arn:[^:]+:kinesisvideo:[^:]*:[^:]*:stream\/([^/]+)\//;

/** What is asked for, as far as it says on which stream. */
export interface Request {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The parsed body, whatever it is. */
  readonly body: unknown;
}

/** Throws AccessDeniedException when `key` may not do what is asked for. */
export function authorize(key: AccessKey, request: Request): void {
  if (key.allows === undefined) return;
  const streamName = streamOf(request);
  if (key.allows(streamName)) return;
  const operation = request.path.slice(1).replace(/^./, (letter) => letter.toUpperCase());
  const resource = `stream/${streamName ?? '*'}`;
  throw new ServiceException(
    'AccessDeniedException',
    `${key.owner ?? 'The user'} is not authorized to perform: kinesisvideo:${operation} on resource: ${resource}`,
  );
}

function streamOf({ headers, body }: Request): string | undefined {
  const members = Object(body) as Record<string, unknown>;
  const name = members['StreamName'] ?? headers['x-amzn-stream-name'];
  if (typeof name === 'string') return name;
  const arn = members['StreamARN'] ?? members['ResourceARN'] ?? headers['x-amzn-stream-arn'];
  return typeof arn === 'string' ? STREAM_OF_ARN.exec(arn)?.[1] : undefined;
}
