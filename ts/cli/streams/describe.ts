import { defineCommand } from '../command.js';
import { CONNECTION_OPTIONS } from '../connection.js';
import { LOG_OPTIONS } from '../log.js';
import { missingStream } from '../missing-stream.js';
import { flag, required, streamName } from '../options.js';

/** `kvs describe`. */
export const command = defineCommand({
  name: 'describe',
  usage: 'describe --stream NAME [options]',
  description: 'Shows the properties of a stream.',
  options: {
    stream: required('NAME', 'stream to describe', streamName),
    ...CONNECTION_OPTIONS,
    ...LOG_OPTIONS,
    json: flag('print the stream as a line of JSON'),
  },
  examples: ['kvs describe --stream front-door --region us-west-2'],
  async run(options) {
    const { printStream, withControlPlane } = await import('./control.js');
    return withControlPlane(options, async (controlPlane, signal) => {
      const info = await controlPlane.describeStream(options.stream, { signal });
      if (info === undefined) throw missingStream(options.stream);
      printStream(info, options.json);
    });
  },
});
