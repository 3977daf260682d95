/** An endpoint for one test, and the AWS SDK's client for it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateStreamCommand,
  KinesisVideoClient,
  type CreateStreamCommandInput,
} from '@aws-sdk/client-kinesis-video';
import {
  startLocalKinesisVideo,
  type LocalKinesisVideo,
  type LocalKinesisVideoOptions,
} from '../../../ts/local/index.js';
import type { TestContext } from '../../support/suite.js';

export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** A folder that is removed with the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-local-test-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Starts an endpoint that ends with the test. */
export async function startEndpoint(
  t: TestContext,
  options: LocalKinesisVideoOptions = {},
): Promise<LocalKinesisVideo> {
  const local = await startLocalKinesisVideo(options);
  t.after(() => local.close());
  return local;
}

/** The SDK's client for the control plane. It does not retry, so that a test sees every answer. */
export function controlClient(
  t: TestContext,
  local: LocalKinesisVideo,
  credentials = CREDENTIALS,
): KinesisVideoClient {
  const client = new KinesisVideoClient({
    endpoint: local.endpoint,
    region: local.region,
    credentials,
    maxAttempts: 1,
  });
  t.after(() => {
    client.destroy();
  });
  return client;
}

/** An endpoint with one stream, which retains its fragments unless told. */
export async function startWithStream(
  t: TestContext,
  options: LocalKinesisVideoOptions = {},
  definition: Partial<CreateStreamCommandInput> = {},
): Promise<{ local: LocalKinesisVideo; client: KinesisVideoClient; streamArn: string }> {
  const local = await startEndpoint(t, options);
  const client = controlClient(t, local);
  const { StreamARN } = await client.send(
    new CreateStreamCommand({ StreamName: 'cam', DataRetentionInHours: 24, ...definition }),
  );
  return { local, client, streamArn: StreamARN ?? '' };
}

/** The name and text of the error that `work` is rejected with. */
export async function rejection(
  work: Promise<unknown>,
): Promise<{ name: string; message: string; status: number | undefined }> {
  try {
    await work;
  } catch (error) {
    const { name, message, $metadata } = error as Error & {
      $metadata?: { httpStatusCode?: number };
    };
    return { name, message, status: $metadata?.httpStatusCode };
  }
  throw new Error('The call succeeded although it must not');
}
