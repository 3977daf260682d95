/** Sessions of a player, opened by the AWS SDK's client. */
import {
  GetClipCommand,
  GetDASHStreamingSessionURLCommand,
  GetHLSStreamingSessionURLCommand,
  KinesisVideoArchivedMedia,
  type ClipFragmentSelectorType,
  type GetDASHStreamingSessionURLCommandInput,
  type GetHLSStreamingSessionURLCommandInput,
} from '@aws-sdk/client-kinesis-video-archived-media';
import type { LocalKinesisVideo } from '../../../ts/local/index.js';
import type { TestContext } from '../../support/suite.js';
import { CREDENTIALS } from './endpoint.js';

/** The SDK's client for archived media. It does not retry, so that a test sees every answer. */
export function archivedClient(
  t: TestContext,
  local: LocalKinesisVideo,
): KinesisVideoArchivedMedia {
  const client = new KinesisVideoArchivedMedia({
    endpoint: local.endpoint,
    region: local.region,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  t.after(() => {
    client.destroy();
  });
  return client;
}

/** Opens an HLS session and returns its URL. */
export async function hlsSession(
  t: TestContext,
  local: LocalKinesisVideo,
  input: Partial<GetHLSStreamingSessionURLCommandInput> = {},
): Promise<string> {
  const { HLSStreamingSessionURL: url } = await archivedClient(t, local).send(
    new GetHLSStreamingSessionURLCommand({ StreamName: 'cam', ...input }),
  );
  if (url === undefined) throw new Error('The answer has no URL');
  return url;
}

/** Fetches what must be there. */
export async function fetchBytes(url: string | URL): Promise<Buffer> {
  const response = await fetch(url);
  const body = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) throw new Error(`${response.status}: ${body.toString()}`);
  return body;
}

export async function fetchText(url: string | URL): Promise<string> {
  return (await fetchBytes(url)).toString();
}

/** A playlist whose tokens are written as `T`, in lines. */
export function linesOf(playlist: string): string[] {
  return playlist.replace(/SessionToken=[\w~-]+/g, 'SessionToken=T').split('\n');
}

/** The URLs of the media playlists that a master playlist names: of the variant, then of the sound. */
export function mediaPlaylistUrls(masterUrl: string, master: string): string[] {
  const uris = Array.from(master.matchAll(/getHLSMediaPlaylist[^"\n]*/g), ([uri]) => uri);
  return uris.reverse().map((uri) => new URL(uri, masterUrl).href);
}

/** All that a media playlist lists, joined: init segments and media in their order. */
export async function fetchMedia(playlistUrl: string): Promise<Buffer> {
  const playlist = await fetchText(playlistUrl);
  const uris = Array.from(playlist.matchAll(/^(?:#EXT-X-MAP:URI="(.*)"|([^#].*))$/gm), (match) => {
    return match[1] ?? match[2] ?? '';
  });
  const pieces = [];
  for (const uri of uris) pieces.push(await fetchBytes(new URL(uri, playlistUrl)));
  return Buffer.concat(pieces);
}

/** Opens a DASH session and returns its URL. */
export async function dashSession(
  t: TestContext,
  local: LocalKinesisVideo,
  input: Partial<GetDASHStreamingSessionURLCommandInput> = {},
): Promise<string> {
  const { DASHStreamingSessionURL: url } = await archivedClient(t, local).send(
    new GetDASHStreamingSessionURLCommand({ StreamName: 'cam', ...input }),
  );
  if (url === undefined) throw new Error('The answer has no URL');
  return url;
}

/** Gets a clip of the media that begin from `from` to `to`, in epoch milliseconds. */
export async function getClip(
  t: TestContext,
  local: LocalKinesisVideo,
  from: number,
  to: number,
  type: ClipFragmentSelectorType = 'PRODUCER_TIMESTAMP',
): Promise<{ contentType: string | undefined; bytes: Buffer }> {
  const { ContentType, Payload } = await archivedClient(t, local).send(
    new GetClipCommand({
      StreamName: 'cam',
      ClipFragmentSelector: { FragmentSelectorType: type, TimestampRange: range(from, to) },
    }),
  );
  const bytes = Buffer.from((await Payload?.transformToByteArray()) ?? []);
  return { contentType: ContentType, bytes };
}

/** A TimestampRange of epoch milliseconds. */
export function range(from: number, to: number): { StartTimestamp: Date; EndTimestamp: Date } {
  return { StartTimestamp: new Date(from), EndTimestamp: new Date(to) };
}
