import { makeClip } from '../playback/clip.js';
import { readRange, TIMESTAMP_TYPES } from '../playback/selection.js';
import { sendPieces } from '../playback/send-pieces.js';
import { retainingStreamOf } from './members.js';
import type { Operation } from './operation.js';

/** GetClip: the media of a range of time as one MP4. */
export const getClip: Operation = {
  path: '/getClip',
  async handle({ input, service, exchange }) {
    const name = 'ClipFragmentSelector';
    const selector = input.required(name, input.object(name));
    const timestamps = selector.required(
      'FragmentSelectorType',
      selector.choice('FragmentSelectorType', TIMESTAMP_TYPES),
    );
    const range = readRange(
      selector.required('TimestampRange', selector.object('TimestampRange')),
      {
        timestamps,
        now: service.options.now(),
        openEnded: false,
      },
    );
    const stream = retainingStreamOf(input, service.streams);
    const pieces = await makeClip(stream, range, timestamps, (fragments) => {
      service.quotas.spend('metadata', stream, fragments);
      service.quotas.spend('media', stream, fragments);
    });
    await sendPieces(exchange, { 'content-type': 'video/mp4' }, pieces);
    return undefined;
  },
};
