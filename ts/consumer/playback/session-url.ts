import type { DataCall, DataPlane } from '../data-plane.js';
import {
  selectorOf,
  shown,
  wholeSeconds,
  type ResolvedDash,
  type ResolvedHls,
} from './session-options.js';

/** Where a player finds a session. Whoever has the URL can play it: it holds the permission. */
export interface PlaybackUrl {
  /** What to give to a player. */
  readonly url: string;
  /** Milliseconds since the epoch after which the service refuses it. */
  readonly expiresAt: number;
}

/** Asks the service for an HLS session. */
export async function getHlsUrl(data: DataPlane, options: ResolvedHls): Promise<PlaybackUrl> {
  const call = callOf('GET_HLS_STREAMING_SESSION_URL', 'GetHLSStreamingSessionURL', options);
  return ask(data, call, options.expires, async (expires) => {
    const answer = await data.archived(call, (sdk, client, send) =>
      client.send(
        new sdk.GetHLSStreamingSessionURLCommand({
          StreamName: options.streamName,
          PlaybackMode: options.playbackMode,
          HLSFragmentSelector: selectorOf(options),
          ContainerFormat: options.containerFormat,
          DiscontinuityMode: options.discontinuityMode,
          DisplayFragmentTimestamp: shown(options.displayFragmentTimestamp),
          Expires: expires,
          MaxMediaPlaylistFragmentResults: options.maxMediaPlaylistFragmentResults,
        }),
        send,
      ),
    );
    return answer.HLSStreamingSessionURL;
  });
}

/** Asks the service for a DASH session. */
export async function getDashUrl(data: DataPlane, options: ResolvedDash): Promise<PlaybackUrl> {
  const call = callOf('GET_DASH_STREAMING_SESSION_URL', 'GetDASHStreamingSessionURL', options);
  return ask(data, call, options.expires, async (expires) => {
    const answer = await data.archived(call, (sdk, client, send) =>
      client.send(
        new sdk.GetDASHStreamingSessionURLCommand({
          StreamName: options.streamName,
          PlaybackMode: options.playbackMode,
          DASHFragmentSelector: selectorOf(options),
          DisplayFragmentNumber: shown(options.displayFragmentNumber),
          DisplayFragmentTimestamp: shown(options.displayFragmentTimestamp),
          Expires: expires,
          MaxManifestFragmentResults: options.maxManifestFragmentResults,
        }),
        send,
      ),
    );
    return answer.DASHStreamingSessionURL;
  });
}

function callOf(
  api: DataCall['api'],
  operation: string,
  { streamName, signal }: ResolvedHls | ResolvedDash,
): DataCall {
  return { api, operation, streamName, signal };
}

async function ask(
  data: DataPlane,
  call: DataCall,
  milliseconds: number,
  send: (expires: number) => Promise<string | undefined>,
): Promise<PlaybackUrl> {
  const expires = wholeSeconds(milliseconds);
  // The session is counted from before the request, so that it is never thought to last too long.
  const expiresAt = Date.now() + expires * 1000;
  const url = await send(expires);
  if (!url) throw data.malformed(call, 'session URL');
  return { url, expiresAt };
}
