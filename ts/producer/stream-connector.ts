import type { KinesisVideoError } from '../internal/errors.js';
import type { ResolvedDefinition } from './stream-definition.js';
import type { Connector } from './upload-session.js';

/** What a stream needs of the service: connections, and the calls before the first one. */
export interface StreamConnector extends Connector {
  /**
   * Makes sure that the stream exists and that its data endpoint is known.
   *
   * @param options.onTagError - takes the error of a failed tagging, which is no reason to fail
   * @returns hours that the service keeps its media
   */
  prepareStream(
    definition: ResolvedDefinition,
    options: { signal: AbortSignal; onTagError: (error: KinesisVideoError) => void },
  ): Promise<number>;
}
