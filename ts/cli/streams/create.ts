import { defineCommand } from '../command.js';
import { CONNECTION_OPTIONS } from '../connection.js';
import { LOG_OPTIONS } from '../log.js';
import {
  flag,
  number,
  repeated,
  required,
  streamName,
  tag,
  text,
  value,
  valueOr,
} from '../options.js';

const DEFAULT_RETENTION = 24;

/** `kvs create`. */
export const command = defineCommand({
  name: 'create',
  usage: 'create --stream NAME [options]',
  description: 'Creates a stream and waits until it can be used.',
  options: {
    stream: required('NAME', 'name of the new stream', streamName),
    retention: valueOr(
      'HOURS',
      `how long it keeps its media (default: ${DEFAULT_RETENTION}); 0 keeps nothing`,
      number({ min: 0, max: 87_600, unit: 'hours', whole: true }),
      DEFAULT_RETENTION,
    ),
    mediaType: value('TYPE', 'media type, such as video/h264,audio/aac', text),
    kmsKeyId: value('ID', 'key that encrypts the media (default: aws/kinesisvideo)', text),
    tag: repeated('KEY=VALUE', 'tag the stream; can be repeated', tag),
    ...CONNECTION_OPTIONS,
    ...LOG_OPTIONS,
    json: flag('print the stream as a line of JSON'),
  },
  examples: ['kvs create --stream front-door --retention 72 --media-type video/h264'],
  async run(options) {
    const { printStream, withControlPlane } = await import('./control.js');
    return withControlPlane(options, async (controlPlane, signal) => {
      const definition = {
        streamName: options.stream,
        retentionPeriod: options.retention,
        mediaType: options.mediaType,
        kmsKeyId: options.kmsKeyId,
        tags: Object.fromEntries(options.tag),
      };
      await controlPlane.createStream(definition, { signal });
      // The tags are set already.
      const created = { ...definition, tags: {}, allowStreamCreation: true };
      printStream(await controlPlane.ensureStream(created, { signal }), options.json);
    });
  },
});
