import { DISPLAY, readPlaybackRequest } from '../playback/request.js';
import { retainingStreamOf } from './members.js';
import type { Operation } from './operation.js';

/** GetDASHStreamingSessionURL: begins a session and answers with the URL of its manifest. */
export const getDashStreamingSessionUrl: Operation = {
  path: '/getDASHStreamingSessionURL',
  async handle({ input, service, exchange }) {
    const names = { selector: 'DASHFragmentSelector', maxResults: 'MaxManifestFragmentResults' };
    const common = readPlaybackRequest(input, names, service.options.now());
    const showsNumbers = input.choice('DisplayFragmentNumber', DISPLAY) === 'ALWAYS';
    const stream = retainingStreamOf(input, service.streams);
    const token = await service.playback.begin(stream, {
      ...common,
      format: 'DASH',
      // Its time line has no gaps.
      discontinuities: 'NEVER',
      showsNumbers,
    });
    const base = service.urlFor(exchange);
    return {
      DASHStreamingSessionURL: `${base}/dash/v1/getDASHManifest.mpd?SessionToken=${token}`,
    };
  },
};
