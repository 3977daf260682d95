/** A control plane with just enough behaviour for the tests of its client. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { resolveCredentials } from '../../ts/credentials/index.js';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { Dialer } from '../../ts/network/index.js';
import { ControlPlane, type ControlPlaneOptions } from '../../ts/service/index.js';
import type { TestContext } from '../support/suite.js';
import { canary, certificate, refuse, serveHttp } from './servers.js';

export interface Call {
  readonly operation: string;
  readonly body: Record<string, unknown>;
  readonly headers: IncomingHttpHeaders;
}

/** Answers one call; what it returns is sent as JSON, undefined means that it answered itself. */
export type Answer = (call: Call, response: ServerResponse) => unknown;

export interface FakeControlPlane {
  readonly url: string;
  /** What was called, in order. */
  readonly calls: Call[];
  /** Names of the operations called, in order. */
  readonly operations: () => string[];
  /** Answers by operation, such as `describeStream`; they may be replaced at any time. */
  readonly answers: Record<string, Answer>;
}

export async function fakeControlPlane(
  t: TestContext,
  answers: Record<string, Answer> = {},
  options: { tls?: boolean } = {},
): Promise<FakeControlPlane> {
  const calls: Call[] = [];
  const server = await serveHttp(
    t,
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const operation = request.url?.slice(1) ?? '';
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
        const call = { operation, body, headers: request.headers };
        calls.push(call);
        const answer = answers[operation];
        if (answer === undefined) {
          refuse(response, 400, 'InvalidArgumentException', `unexpected ${operation}`);
          return;
        }
        const result = answer(call, response);
        if (result !== undefined) response.end(JSON.stringify(result));
      });
    },
    options,
  );
  const operations = (): string[] => calls.map(({ operation }) => operation);
  return { url: server.url, calls, operations, answers };
}

/** A client that is closed with the test. */
export function controlPlane(
  t: TestContext,
  endpoint: string | undefined,
  options: Partial<ControlPlaneOptions> = {},
): ControlPlane {
  const client = new ControlPlane({
    region: 'us-west-2',
    credentials: resolveCredentials(canary),
    endpoint,
    dialer: new Dialer({ ca: certificate }),
    ...options,
  });
  t.after(() => {
    client.close();
  });
  return client;
}

/** A DescribeStream answer, with the nulls that the service sends. */
export function describe(status = 'ACTIVE', extra: Record<string, unknown> = {}): unknown {
  return {
    StreamInfo: {
      StreamName: 'cam1',
      StreamARN: 'arn:aws:kinesisvideo:us-west-2:111122223333:stream/cam1/1705489836421',
      MediaType: 'video/h264',
      DeviceName: null,
      KmsKeyId: null,
      IngestionConfiguration: null,
      Version: 'davN9FKg4vjyKdCSs0f4',
      Status: status,
      CreationTime: 1.705489836421e9,
      DataRetentionInHours: 24,
      ...extra,
    },
  };
}

/** Refuses as the service does for a stream that is not there. */
export const notFound: Answer = (_call, response) => {
  const message = 'The requested stream is not found or not active.';
  refuse(response, 404, 'ResourceNotFoundException', message);
};

/** What a call rejects with, which is to be a KinesisVideoError. */
export async function failure(work: Promise<unknown>): Promise<KinesisVideoError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof KinesisVideoError) return error;
    throw error;
  }
  throw new Error('The call did not reject');
}
