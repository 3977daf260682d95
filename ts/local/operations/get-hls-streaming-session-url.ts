import { DISPLAY, readPlaybackRequest } from '../playback/request.js';
import { retainingStreamOf } from './members.js';
import type { Operation } from './operation.js';

const CONTAINERS = ['FRAGMENTED_MP4', 'MPEG_TS'] as const;
const DISCONTINUITY_MODES = [...DISPLAY, 'ON_DISCONTINUITY'] as const;

/** GetHLSStreamingSessionURL: begins a session and answers with the URL of its master playlist. */
export const getHlsStreamingSessionUrl: Operation = {
  path: '/getHLSStreamingSessionURL',
  async handle({ input, service, exchange }) {
    const names = {
      selector: 'HLSFragmentSelector',
      maxResults: 'MaxMediaPlaylistFragmentResults',
    };
    const common = readPlaybackRequest(input, names, service.options.now());
    const container = input.choice('ContainerFormat', CONTAINERS) ?? 'FRAGMENTED_MP4';
    const byServer = common.timestamps === 'SERVER_TIMESTAMP';
    const discontinuities =
      input.choice('DiscontinuityMode', DISCONTINUITY_MODES) ?? (byServer ? 'ALWAYS' : 'NEVER');
    const stream = retainingStreamOf(input, service.streams);
    const token = await service.playback.begin(stream, {
      ...common,
      format: container === 'MPEG_TS' ? 'HLS MPEG-TS' : 'HLS fMP4',
      discontinuities,
      showsNumbers: false,
    });
    const base = service.urlFor(exchange);
    return {
      HLSStreamingSessionURL: `${base}/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=${token}`,
    };
  },
};
