import type { TextRule } from '../input.js';
import { MAX_RETENTION_HOURS, STREAM_NAME, tagsOf } from './members.js';
import type { Operation } from './operation.js';

const DEVICE_NAME: TextRule = { min: 1, max: 128, pattern: /^[a-zA-Z0-9_.-]+$/ };
const MEDIA_TYPE: TextRule = {
  min: 1,
  max: 128,
  pattern: /^[\w\-.+]+\/[\w\-.+]+(,[\w\-.+]+\/[\w\-.+]+)*$/,
};
const KMS_KEY_ID: TextRule = { min: 1, max: 2048, pattern: /^.+$/ };
const STORAGE_TIERS = ['HOT', 'WARM'] as const;

/** CreateStream: answers with the ARN while the stream may still be CREATING. */
export const createStream: Operation = {
  path: '/createStream',
  async handle({ input, service }) {
    const storage = input.object('StreamStorageConfiguration');
    const tier = storage?.required(
      'DefaultStorageTier',
      storage.choice('DefaultStorageTier', STORAGE_TIERS),
    );
    const stream = await service.streams.create({
      streamName: input.required('StreamName', input.text('StreamName', STREAM_NAME)),
      deviceName: input.text('DeviceName', DEVICE_NAME),
      mediaType: input.text('MediaType', MEDIA_TYPE),
      kmsKeyId: input.text('KmsKeyId', KMS_KEY_ID),
      dataRetentionInHours: input.integer('DataRetentionInHours', 0, MAX_RETENTION_HOURS) ?? 0,
      storageTier: tier ?? 'HOT',
      tags: tagsOf(input) ?? {},
    });
    return { StreamARN: stream.record.streamArn };
  },
};
