import type * as MediaSdk from '@aws-sdk/client-kinesis-video-media';
import type { Readable } from 'node:stream';
import { KinesisVideoError } from '../internal/errors.js';
import { requireModule } from '../internal/require.js';
import { dialingAgents, type Dialer } from '../network/index.js';
import { sdkError, type ControlPlane, type CredentialsProvider } from '../service/index.js';

/** Milliseconds for a connection to be made. */
const CONNECT_TIMEOUT = 10_000;

/** Where to begin: the oldest fragment held, the newest, or the one after a fragment number. */
export type GetMediaStart = 'earliest' | 'now' | { readonly afterFragment: string };

/** What GetMedia is asked for. */
export interface GetMediaOptions {
  readonly controlPlane: ControlPlane;
  readonly region: string;
  readonly credentials: CredentialsProvider;
  readonly streamName: string;
  readonly start: GetMediaStart;
  /** Makes the connection. */
  readonly dialer: Dialer;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens GetMedia on a stream and returns what the service sends: a Matroska document for each
 * fragment, one after another, until a few seconds pass in which there is no new one. Whoever
 * destroys the result ends the call.
 *
 * Rejects with a KinesisVideoError that names the stream and the remedy, or with the signal's reason.
 */
export async function getMedia(options: GetMediaOptions): Promise<Readable> {
  const { controlPlane, region, credentials, streamName, start, dialer, signal } = options;
  const endpoint = await controlPlane.getDataEndpoint(streamName, 'GET_MEDIA', {
    ...(signal && { signal }),
  });
  const sdk = requireModule('@aws-sdk/client-kinesis-video-media') as typeof MediaSdk;
  const client = new sdk.KinesisVideoMediaClient({
    region,
    credentials,
    endpoint,
    // Beside an endpoint, flags of the environment would be an error.
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    requestHandler: dialingAgents(dialer, CONNECT_TIMEOUT),
  });
  const call = { operation: 'GetMedia', region, endpoint, streamName };
  try {
    const command = new sdk.GetMediaCommand({
      StreamName: streamName,
      StartSelector: selectorOf(start),
    });
    const answer = await client.send(command, { ...(signal && { abortSignal: signal }) });
    const payload = answer.Payload as Readable | undefined;
    if (payload === undefined) throw new Error('the answer has no payload');
    payload.once('close', () => {
      client.destroy();
    });
    return payload;
  } catch (error) {
    client.destroy();
    signal?.throwIfAborted();
    throw error instanceof KinesisVideoError ? error : sdkError(call, error);
  }
}

function selectorOf(start: GetMediaStart) {
  if (start === 'earliest') return { StartSelectorType: 'EARLIEST' as const };
  if (start === 'now') return { StartSelectorType: 'NOW' as const };
  return {
    StartSelectorType: 'FRAGMENT_NUMBER' as const,
    AfterFragmentNumber: start.afterFragment,
  };
}
