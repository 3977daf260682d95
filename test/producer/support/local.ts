/** The local endpoint for clients of the tests, which have the canary for a secret. */
import {
  startLocalKinesisVideo as start,
  type LocalKinesisVideo,
  type LocalKinesisVideoOptions,
} from '../../../ts/local/index.js';
import { canaryCredentials } from '../../support/canary.js';

/** Starts a local endpoint that knows the credentials of `makeClient`. */
export function startLocalKinesisVideo(
  options: LocalKinesisVideoOptions = {},
): Promise<LocalKinesisVideo> {
  return start({ credentials: [canaryCredentials], ...options });
}
