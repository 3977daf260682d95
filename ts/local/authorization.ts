import { ServiceException } from './exceptions.js';
import type { AccessKey } from './keys.js';
import { permits } from './permissions.js';
import { ACCOUNT_ID, type StreamRegistry } from './streams/registry.js';
import { targetStream, type Target } from './target.js';

/** Operations that name AccessDeniedException in the API model, or no refusal; others name NotAuthorizedException. */
const DENIED = new Set([
  'CreateStream',
  'DeleteEdgeConfiguration',
  'DescribeEdgeConfiguration',
  'DescribeImageGenerationConfiguration',
  'DescribeMappedResourceConfiguration',
  'DescribeNotificationConfiguration',
  'DescribeStreamStorageConfiguration',
  'ListStreams',
  'ListTagsForResource',
  'StartEdgeConfigurationUpdate',
  'TagResource',
  'UntagResource',
  'UpdateImageGenerationConfiguration',
  'UpdateNotificationConfiguration',
  'UpdateStreamStorageConfiguration',
]);

/** Throws AccessDeniedException or NotAuthorizedException when `key` may not do what is asked for. */
export function authorize(key: AccessKey, target: Target, streams: StreamRegistry): void {
  const { operation, streamName } = target;
  const existing = targetStream(target, streams)?.record.streamArn;
  const created = streamName === undefined ? '*' : streams.arnOf(streamName, '*');
  const named = target.streamArn ?? existing ?? created;
  const granted = key.allow === undefined || permits(key.allow, target, named);
  if (granted && key.allows?.(streamName) !== false) return;
  throw new ServiceException(
    DENIED.has(operation) ? 'AccessDeniedException' : 'NotAuthorizedException',
    `User: ${ownerOf(key)} is not authorized to perform: kinesisvideo:${operation} on resource: ${named}`,
  );
}

function ownerOf({ owner, accessKeyId }: AccessKey): string {
  return owner ?? `arn:aws:iam::${ACCOUNT_ID}:user/${accessKeyId}`;
}
