/** What players fetch: playlists, manifests and media. Nothing is signed; the token is the credential. */
import { ServiceException } from '../exceptions.js';
import type { Exchange } from '../exchange.js';
import type { LocalService } from '../service.js';
import { operationName } from '../target.js';
import { manifest } from './dash.js';
import { masterPlaylist, mediaPlaylist } from './hls.js';
import { packageInit, packageMedia, packageTransport } from './packaging.js';
import type { PlaybackSession } from './session.js';

/** A resource, ready to be sent. */
interface Resource {
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

/** A request for a resource of a session. */
interface ResourceCall {
  readonly session: PlaybackSession;
  readonly token: string;
  readonly query: URLSearchParams;
}

type Handler = (call: ResourceCall) => Resource | Promise<Resource>;

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
/** Pages of any origin may play a session whose token they have. */
const CROSS_ORIGIN = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': '*',
};
const PREFLIGHT = {
  ...CROSS_ORIGIN,
  'access-control-allow-methods': 'GET, HEAD, OPTIONS',
  'access-control-allow-headers': '*',
  'access-control-max-age': '86400',
};

const MP4: Readonly<Record<string, Handler>> = {
  'getMP4InitFragment.mp4': initFragment,
  'getMP4MediaFragment.mp4': mediaFragment,
};

const HLS: Readonly<Record<string, Handler>> = {
  'getHLSMasterPlaylist.m3u8': ({ session, token }) => ({
    contentType: PLAYLIST_TYPE,
    body: masterPlaylist(session, token),
  }),
  'getHLSMediaPlaylist.m3u8': async ({ session, token, query }) => {
    await session.update();
    const isMuxed = session.request.format === 'HLS MPEG-TS';
    const trackNumber = isMuxed ? undefined : readNumber(query, 'TrackNumber');
    return { contentType: PLAYLIST_TYPE, body: mediaPlaylist(session, token, trackNumber) };
  },
  ...MP4,
  'getTSFragment.ts': async ({ session, query }) => ({
    contentType: 'video/mp2t',
    body: await packageTransport(session, readNumber(query, 'FragmentNumber')),
  }),
};

const DASH: Readonly<Record<string, Handler>> = {
  'getDASHManifest.mpd': async ({ session, token }) => {
    await session.update();
    return { contentType: 'application/dash+xml', body: manifest(session, token) };
  },
  ...MP4,
};

/** What costs the points of fragment metadata, and those of fragment media. */
const LISTS: ReadonlySet<string> = new Set(['GetHLSMediaPlaylist', 'GetDASHManifest']);
const MEDIA: ReadonlySet<string> = new Set(['GetMP4MediaFragment', 'GetTSFragment']);

const ROOTS: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/hls/v1/': HLS,
  '/dash/v1/': DASH,
};

/** The names of the resources, in the form of operations: `GetHLSMasterPlaylist`. */
export const RESOURCE_NAMES: readonly string[] = [
  ...new Set(Object.values(ROOTS).flatMap((handlers) => Object.keys(handlers).map(resourceName))),
];

/** Whether a path is one of a session's resources. */
export function isPlaybackPath(path: string): boolean {
  return Object.keys(ROOTS).some((root) => path.startsWith(root));
}

/** Answers a request for a resource. Rejects with ServiceException only before anything is sent. */
export async function servePlayback(exchange: Exchange, service: LocalService): Promise<void> {
  const { request, response, path } = exchange;
  for (const [name, value] of Object.entries(CROSS_ORIGIN)) response.setHeader(name, value);
  await exchange.readBody();
  if (request.method === 'OPTIONS') {
    response.writeHead(204, PREFLIGHT);
    exchange.end();
    return;
  }
  const handler = findHandler(path);
  if (handler === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) {
    throw new ServiceException(
      'ResourceNotFoundException',
      `There is nothing to ${request.method} at ${path}`,
    );
  }
  const { searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
  const token = query.get('SessionToken') ?? '';
  const session = service.playback.find(token);
  if (typeof session === 'string') {
    refuse(exchange, session);
    return;
  }
  const { stream, request: asked } = session;
  const operation = resourceName(path);
  const target = { operation, streamName: stream.record.streamName };
  if ((await service.gate.admit(exchange, target, { stream, session })) === undefined) return;
  if (LISTS.has(operation)) service.quotas.spend('metadata', stream, asked.maxResults);
  if (MEDIA.has(operation)) service.quotas.spend('media', stream, 1);
  const { contentType, body } = await handler({ session, token, query });
  response.writeHead(200, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  exchange.end(request.method === 'HEAD' ? '' : body);
}

function resourceName(path: string): string {
  return operationName(`/${path.replace(/^.*\/|\.\w+$/g, '')}`);
}

function findHandler(path: string): Handler | undefined {
  for (const [root, handlers] of Object.entries(ROOTS)) {
    const name = path.slice(root.length);
    if (path.startsWith(root) && Object.hasOwn(handlers, name)) return handlers[name];
  }
  return undefined;
}

/** Players were seen to get status 403, not the 401 of the operations. */
function refuse(exchange: Exchange, state: 'expired' | 'unknown'): void {
  const message =
    state === 'expired'
      ? 'Streaming session token is expired'
      : 'Streaming session token is invalid';
  exchange.send(403, { Message: message }, { 'x-amzn-ErrorType': 'NotAuthorizedException' });
}

function initFragment({ session, query }: ResourceCall): Resource {
  const trackNumber = readNumber(query, 'TrackNumber');
  const sequence = query.has('SequenceNumber') ? readNumber(query, 'SequenceNumber') : 0;
  const body = packageInit(session, sequence, trackNumber);
  return { contentType: mp4Type(session, trackNumber), body };
}

async function mediaFragment({ session, query }: ResourceCall): Promise<Resource> {
  const trackNumber = readNumber(query, 'TrackNumber');
  const body = await packageMedia(session, readNumber(query, 'FragmentNumber'), trackNumber);
  return { contentType: mp4Type(session, trackNumber), body };
}

function mp4Type({ beginning }: PlaybackSession, trackNumber: number): string {
  const track = beginning.tracks.find(({ id }) => id === trackNumber);
  return track?.type === 'audio' ? 'audio/mp4' : 'video/mp4';
}

function readNumber(query: URLSearchParams, name: string): number {
  const text = query.get(name);
  if (text !== null && /^\d{1,15}$/.test(text)) return Number(text);
  throw new ServiceException(
    'InvalidArgumentException',
    `Value '${text ?? ''}' at '${name}' must be a whole number`,
  );
}
