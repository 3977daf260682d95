import type { TextRule } from '../input.js';
import {
  DEVICE_NAME,
  MAX_RETENTION_HOURS,
  MEDIA_TYPE,
  STREAM_NAME,
  storageTierOf,
  tagsOf,
} from './members.js';
import type { Operation } from './operation.js';

const KMS_KEY_ID: TextRule = { min: 1, max: 2048, pattern: /^.+$/ };

/** CreateStream: answers with the ARN while the stream may still be CREATING. */
export const createStream: Operation = {
  path: '/createStream',
  async handle({ input, service }) {
    service.quotas.requireRoom(service.streams.list().length);
    const stream = await service.streams.create({
      streamName: input.required('StreamName', input.text('StreamName', STREAM_NAME)),
      deviceName: input.text('DeviceName', DEVICE_NAME),
      mediaType: input.text('MediaType', MEDIA_TYPE),
      kmsKeyId: input.text('KmsKeyId', KMS_KEY_ID),
      dataRetentionInHours: input.integer('DataRetentionInHours', 0, MAX_RETENTION_HOURS) ?? 0,
      storageTier: storageTierOf(input) ?? 'HOT',
      tags: tagsOf(input) ?? {},
    });
    return { StreamARN: stream.record.streamArn };
  },
};
