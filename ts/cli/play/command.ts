import { defineCommand } from '../command.js';
import { CONNECTION_OPTIONS } from '../connection.js';
import { LOG_OPTIONS } from '../log.js';
import { flag, number, streamName, value, valueOr, type OptionValues } from '../options.js';
import { UsageError } from '../usage-error.js';

/** Next to that of `kvs local`. */
const DEFAULT_PORT = 5871;

const OPTIONS = {
  stream: value('NAME', 'stream to play', streamName),
  demo: flag('play a test pattern that an endpoint and a producer of its own give'),
  port: valueOr(
    'P',
    `TCP port of the page; 0 takes a free one (default: ${DEFAULT_PORT})`,
    number({ min: 0, max: 65_535, unit: 'a port', whole: true }),
    DEFAULT_PORT,
  ),
  open: flag('open the page in the browser'),
  ...CONNECTION_OPTIONS,
  ...LOG_OPTIONS,
  json: flag('print one JSON object a line: ready, closed'),
};

/** What `kvs play` was asked for. */
export type PlayOptions = OptionValues<typeof OPTIONS>;

/** `kvs play`. */
export const command = defineCommand({
  name: 'play',
  usage: 'play --stream NAME [options]',
  description:
    'Serves a page on this machine that plays a stream: with low latency over GetMedia, over HLS and\n' +
    'over DASH, live and on demand. It shows the latency, the fragments and their metadata. Requests\n' +
    'are signed here: the browser gets no credentials.',
  options: OPTIONS,
  examples: [
    'kvs play --demo --open',
    'kvs play --stream front-door --region us-west-2',
    'kvs play --stream test --endpoint http://127.0.0.1:5870',
  ],
  notes: [
    'The address that it prints holds a token; without it the page does not answer.',
    'Ctrl-C ends it.',
  ],
  async run(options) {
    const { stream, demo, endpoint } = options;
    if (demo && endpoint !== undefined) {
      throw new UsageError('--demo runs an endpoint of its own: leave --endpoint out');
    }
    if (!demo && stream === undefined) {
      throw new UsageError('the option --stream NAME is missing; --demo plays a test pattern');
    }
    const { play } = await import('./play.js');
    return play({ ...options, stream: stream ?? 'demo' });
  },
});
