/** Every operation of the endpoint. */
import { createStream } from './create-stream.js';
import { deleteEdgeConfiguration } from './delete-edge-configuration.js';
import { deleteStream } from './delete-stream.js';
import { describeEdgeConfiguration } from './describe-edge-configuration.js';
import { describeImageGenerationConfiguration } from './describe-image-generation-configuration.js';
import { describeMappedResourceConfiguration } from './describe-mapped-resource-configuration.js';
import { describeNotificationConfiguration } from './describe-notification-configuration.js';
import { describeStreamStorageConfiguration } from './describe-stream-storage-configuration.js';
import { describeStream } from './describe-stream.js';
import { getClip } from './get-clip.js';
import { getDashStreamingSessionUrl } from './get-dash-streaming-session-url.js';
import { getDataEndpoint } from './get-data-endpoint.js';
import { getHlsStreamingSessionUrl } from './get-hls-streaming-session-url.js';
import { getMediaForFragmentList } from './get-media-for-fragment-list.js';
import { getImages } from './get-images.js';
import { getMedia } from './get-media.js';
import { listEdgeAgentConfigurations } from './list-edge-agent-configurations.js';
import { listFragments } from './list-fragments.js';
import { listStreams } from './list-streams.js';
import { listTagsForResource } from './list-tags-for-resource.js';
import { listTagsForStream } from './list-tags-for-stream.js';
import type { Operation } from './operation.js';
import { putMedia } from './put-media.js';
import { signalingOperations } from './signaling.js';
import { startEdgeConfigurationUpdate } from './start-edge-configuration-update.js';
import { tagResource } from './tag-resource.js';
import { tagStream } from './tag-stream.js';
import { untagResource } from './untag-resource.js';
import { untagStream } from './untag-stream.js';
import { updateDataRetention } from './update-data-retention.js';
import { updateImageGenerationConfiguration } from './update-image-generation-configuration.js';
import { updateNotificationConfiguration } from './update-notification-configuration.js';
import { updateStreamStorageConfiguration } from './update-stream-storage-configuration.js';
import { updateStream } from './update-stream.js';

/** Operations by their path. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  [
    createStream,
    describeStream,
    updateStream,
    listStreams,
    deleteStream,
    updateDataRetention,
    tagStream,
    untagStream,
    listTagsForStream,
    tagResource,
    untagResource,
    listTagsForResource,
    describeNotificationConfiguration,
    updateNotificationConfiguration,
    describeImageGenerationConfiguration,
    updateImageGenerationConfiguration,
    describeStreamStorageConfiguration,
    updateStreamStorageConfiguration,
    describeMappedResourceConfiguration,
    startEdgeConfigurationUpdate,
    describeEdgeConfiguration,
    deleteEdgeConfiguration,
    listEdgeAgentConfigurations,
    ...signalingOperations,
    getDataEndpoint,
    putMedia,
    getMedia,
    getMediaForFragmentList,
    getHlsStreamingSessionUrl,
    getDashStreamingSessionUrl,
    getClip,
    getImages,
    listFragments,
  ].map((operation) => [operation.path, operation]),
);
