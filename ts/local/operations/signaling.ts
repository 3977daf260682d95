import { invalidArgument } from '../exceptions.js';
import type { Operation } from './operation.js';

/** Operations of the API model that the endpoint refuses: they are about signaling channels. */
const PATHS = [
  '/createSignalingChannel',
  '/deleteSignalingChannel',
  '/describeSignalingChannel',
  '/getSignalingChannelEndpoint',
  '/listSignalingChannels',
  '/updateSignalingChannel',
  '/describeMediaStorageConfiguration',
  '/updateMediaStorageConfiguration',
];

/** WebRTC: refused in clear words, since the answer to an unknown path tells a client nothing. */
export const signalingOperations: readonly Operation[] = PATHS.map((path) => ({
  path,
  handle() {
    throw invalidArgument(
      `The local endpoint has no signaling channels, so it cannot do ${path.slice(1)}; use the service itself for WebRTC`,
    );
  },
}));
