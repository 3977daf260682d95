import { KinesisVideoError } from '../internal/errors.js';
import type { StreamDefinition } from './stream-definition.js';

/**
 * Checks that a definition asks for nothing that a client with `minimalPermissions` does not do.
 *
 * @throws KinesisVideoError STATUS_INVALID_ARG
 */
export function checkMinimalDefinition(definition: StreamDefinition): void {
  const { allowStreamCreation, tags = {}, streamName } = definition;
  const asked =
    allowStreamCreation === true
      ? 'allowStreamCreation'
      : Object.keys(tags).length > 0
        ? 'tags'
        : undefined;
  if (asked === undefined) return;
  const advice = 'leave it out, or make the client without minimalPermissions';
  throw new KinesisVideoError(
    'STATUS_INVALID_ARG',
    `\`${asked}\` of stream "${streamName}" needs calls that a client with minimalPermissions does ` +
      `not make: ${advice}.`,
    { values: { streamName, option: asked }, advice },
  );
}
