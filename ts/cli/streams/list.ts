import { defineCommand } from '../command.js';
import { CONNECTION_OPTIONS } from '../connection.js';
import { LOG_OPTIONS } from '../log.js';
import { flag, text, value } from '../options.js';

const STATUS_WIDTH = 10;

/** `kvs list`. */
export const command = defineCommand({
  name: 'list',
  usage: 'list [options]',
  description: 'Lists the streams of the account in a region, with their status and name.',
  options: {
    prefix: value('TEXT', 'only streams whose name begins with TEXT', text),
    ...CONNECTION_OPTIONS,
    ...LOG_OPTIONS,
    json: flag('print each stream as a line of JSON'),
  },
  examples: ['kvs list --region us-west-2', 'kvs list --prefix cam- --json'],
  async run(options) {
    const { withControlPlane } = await import('./control.js');
    return withControlPlane(options, async (controlPlane, signal) => {
      const { prefix, json } = options;
      for await (const info of controlPlane.listStreams({ prefix, signal })) {
        if (!process.stdout.writable) return;
        const line = json
          ? JSON.stringify(info)
          : `${info.status.padEnd(STATUS_WIDTH)}${info.streamName}`;
        process.stdout.write(`${line}\n`);
      }
    });
  },
});
