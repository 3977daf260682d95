import { isTopicArn } from '../events/notification-target.js';
import { invalidArgument } from '../exceptions.js';
import type { Input } from '../input.js';
import type { NotificationConfiguration } from '../streams/record.js';
import { CONFIGURATION_STATUS, DESTINATION_URI, requireRetention, streamOf } from './members.js';
import type { Operation } from './operation.js';

/** UpdateNotificationConfiguration: a configuration that is absent or null takes the former away. */
export const updateNotificationConfiguration: Operation = {
  path: '/updateNotificationConfiguration',
  async handle({ input, service }) {
    const given = input.object('NotificationConfiguration');
    const configuration = given && readConfiguration(given);
    const stream = streamOf(input, service.streams);
    stream.requireChangeable(undefined);
    if (configuration !== undefined) requireRetention(stream);
    await stream.save((record) => {
      record.notification = configuration;
    });
    return {};
  },
};

function readConfiguration(given: Input): NotificationConfiguration {
  const status = given.required('Status', given.choice('Status', CONFIGURATION_STATUS));
  const destination = given.required('DestinationConfig', given.object('DestinationConfig'));
  const uri = destination.required('Uri', destination.text('Uri', DESTINATION_URI));
  if (!isTopicArn(uri)) {
    throw invalidArgument(
      `Value '${uri}' at 'NotificationConfiguration.DestinationConfig.Uri' is not the ARN of a standard SNS topic, such as arn:aws:sns:us-west-2:111122223333:door`,
    );
  }
  return { Status: status, DestinationConfig: { Uri: uri } };
}
