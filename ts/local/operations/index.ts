/** Every operation of the endpoint. */
import { createStream } from './create-stream.js';
import { deleteStream } from './delete-stream.js';
import { describeStream } from './describe-stream.js';
import { getDataEndpoint } from './get-data-endpoint.js';
import { getMedia } from './get-media.js';
import { listFragments } from './list-fragments.js';
import { listStreams } from './list-streams.js';
import { listTagsForStream } from './list-tags-for-stream.js';
import type { Operation } from './operation.js';
import { putMedia } from './put-media.js';
import { tagStream } from './tag-stream.js';
import { untagStream } from './untag-stream.js';
import { updateDataRetention } from './update-data-retention.js';

/** Operations by their path. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  [
    createStream,
    describeStream,
    listStreams,
    deleteStream,
    updateDataRetention,
    tagStream,
    untagStream,
    listTagsForStream,
    getDataEndpoint,
    putMedia,
    getMedia,
    listFragments,
  ].map((operation) => [operation.path, operation]),
);
