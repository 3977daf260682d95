import { defineCommand } from '../command.js';
import { CONNECTION_OPTIONS } from '../connection.js';
import { LOG_OPTIONS } from '../log.js';
import { explainMissing } from '../missing-stream.js';
import { required, streamName } from '../options.js';

/** `kvs delete`. */
export const command = defineCommand({
  name: 'delete',
  usage: 'delete --stream NAME [options]',
  description: 'Deletes a stream and all its media, for good and without asking.',
  options: {
    stream: required('NAME', 'stream to delete', streamName),
    ...CONNECTION_OPTIONS,
    ...LOG_OPTIONS,
  },
  examples: ['kvs delete --stream test --endpoint http://127.0.0.1:5870'],
  async run(options) {
    const { withControlPlane } = await import('./control.js');
    return withControlPlane(options, async (controlPlane, signal) => {
      try {
        await controlPlane.deleteStream(options.stream, { signal });
      } catch (error) {
        throw explainMissing(error, options.stream);
      }
    });
  },
});
