import { streamOf } from './members.js';
import type { Operation } from './operation.js';

const API_NAMES = [
  'PUT_MEDIA',
  'GET_MEDIA',
  'LIST_FRAGMENTS',
  'GET_MEDIA_FOR_FRAGMENT_LIST',
  'GET_HLS_STREAMING_SESSION_URL',
  'GET_DASH_STREAMING_SESSION_URL',
  'GET_CLIP',
  'GET_IMAGES',
] as const;

/** GetDataEndpoint: control and data plane are one here, so it is the URL that the client used. */
export const getDataEndpoint: Operation = {
  path: '/getDataEndpoint',
  handle({ input, service, exchange }) {
    input.required('APIName', input.choice('APIName', API_NAMES));
    streamOf(input, service.streams);
    return { DataEndpoint: service.urlFor(exchange) };
  },
};
