/** The edge configuration of a stream, as requests give it and answers tell it. */
import { ServiceException } from '../exceptions.js';
import type { Input, TextRule } from '../input.js';
import { syncStatusOf, type EdgeTiming, type SyncStatus } from '../streams/edge.js';
import type { EdgeConfiguration, EdgeRecord } from '../streams/record.js';
import type { LocalStream } from '../streams/stream.js';

/** The thing of IoT that the agent runs on. */
export const HUB_DEVICE_ARN: TextRule = {
  min: 1,
  max: 1024,
  pattern: /^arn:[a-z\d-]+:iot:[a-z0-9-]+:[0-9]+:thing\/[a-zA-Z0-9_.-]+$/,
};

const SECRET_ARN: TextRule = {
  min: 20,
  max: 2048,
  pattern: /^arn:[a-z\d-]+:secretsmanager:[a-z0-9-]+:[0-9]+:secret:[a-zA-Z0-9/_+=.@-]+$/,
};
const MEDIA_URI_TYPES = ['RTSP_URI', 'FILE_URI'] as const;
const SCHEDULE_EXPRESSION: TextRule = { min: 11, max: 100, pattern: /^[^\n]+$/ };
const MIN_SCHEDULE_SECONDS = 60;
const MAX_SCHEDULE_SECONDS = 3600;
const MAX_RETENTION_HOURS = 720;
const MIN_LOCAL_MB = 64;
const MAX_LOCAL_MB = 2_000_000;
const STRATEGIES = ['DELETE_OLDEST_MEDIA', 'DENY_NEW_MEDIA'] as const;

/** Reads an EdgeConfig structure. Throws InvalidArgumentException. */
export function readEdgeConfiguration(given: Input): EdgeConfiguration {
  const recorder = given.required('RecorderConfig', given.object('RecorderConfig'));
  const source = recorder.required('MediaSourceConfig', recorder.object('MediaSourceConfig'));
  const uploader = given.object('UploaderConfig');
  const deletion = given.object('DeletionConfig');
  const configuration = {
    HubDeviceArn: given.required('HubDeviceArn', given.text('HubDeviceArn', HUB_DEVICE_ARN)),
    RecorderConfig: {
      MediaSourceConfig: readMediaSource(source),
      ScheduleConfig: readSchedule(recorder.object('ScheduleConfig')),
    },
    UploaderConfig: uploader && {
      ScheduleConfig: readSchedule(
        uploader.required('ScheduleConfig', uploader.object('ScheduleConfig')),
      ),
    },
    DeletionConfig: deletion && readDeletion(deletion),
  };
  return configuration;
}

function readMediaSource(given: Input): object {
  const secret = given.text('MediaUriSecretArn', SECRET_ARN);
  return {
    MediaUriSecretArn: given.required('MediaUriSecretArn', secret),
    MediaUriType: given.required('MediaUriType', given.choice('MediaUriType', MEDIA_URI_TYPES)),
  };
}

function readSchedule(given: Input | undefined): object | undefined {
  if (given === undefined) return undefined;
  const expression = given.text('ScheduleExpression', SCHEDULE_EXPRESSION);
  const member = 'DurationInSeconds';
  return {
    ScheduleExpression: given.required('ScheduleExpression', expression),
    DurationInSeconds: given.required(
      member,
      given.integer(member, MIN_SCHEDULE_SECONDS, MAX_SCHEDULE_SECONDS),
    ),
  };
}

function readDeletion(given: Input): object {
  const size = given.object('LocalSizeConfig');
  return {
    EdgeRetentionInHours: given.integer('EdgeRetentionInHours', 1, MAX_RETENTION_HOURS),
    LocalSizeConfig: size && {
      MaxLocalMediaSizeInMB: size.integer('MaxLocalMediaSizeInMB', MIN_LOCAL_MB, MAX_LOCAL_MB),
      StrategyOnFullSize: size.choice('StrategyOnFullSize', STRATEGIES),
    },
    DeleteAfterUpload: given.boolean('DeleteAfterUpload'),
  };
}

/** The configuration of a stream. Throws StreamEdgeConfigurationNotFoundException without one. */
export function edgeOf(
  { record }: LocalStream,
  timing: EdgeTiming,
): { edge: EdgeRecord; status: SyncStatus } {
  const { edge } = record;
  const status = syncStatusOf(edge, timing);
  if (edge !== undefined && status !== undefined) return { edge, status };
  throw new ServiceException(
    'StreamEdgeConfigurationNotFoundException',
    `The stream '${record.streamName}' has no edge configuration.`,
  );
}

/** What the operations tell about a configuration. */
export function edgeDescription(
  { record }: LocalStream,
  { edge, status }: { edge: EdgeRecord; status: SyncStatus },
): object {
  return {
    StreamName: record.streamName,
    StreamARN: record.streamArn,
    CreationTime: edge.creationTime / 1000,
    LastUpdatedTime: edge.changeTime / 1000,
    SyncStatus: status,
    FailedStatusDetails: null,
    EdgeConfig: edge.config,
  };
}
