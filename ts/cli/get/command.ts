import { defineCommand } from '../command.js';
import { CONNECTION_OPTIONS } from '../connection.js';
import { LOG_OPTIONS } from '../log.js';
import { flag, required, streamName, text, value, valueOr, type OptionValues } from '../options.js';
import { UsageError } from '../usage-error.js';

const OPTIONS = {
  stream: required('NAME', 'stream to read', streamName),
  start: valueOr(
    'START',
    'earliest, now, or the fragment number to go on after (default: earliest)',
    startPosition,
    'earliest',
  ),
  output: {
    ...value('FILE', 'write to FILE; - is the standard output, and the default in a pipe', text),
    short: 'o',
  },
  ...CONNECTION_OPTIONS,
  ...LOG_OPTIONS,
  follow: flag('go on without end over as many connections as it takes, until Ctrl-C'),
  raw: flag('write what the service sends as it is, a document for each fragment'),
  json: flag('print one JSON object a line: start, gap, error, summary'),
};

/** What `kvs get` was asked for. */
export type GetOptions = OptionValues<typeof OPTIONS>;

/** `kvs get`. */
export const command = defineCommand({
  name: 'get',
  usage: 'get --stream NAME -o FILE [options]',
  description:
    'Saves the media of a stream as one Matroska file, from a start until no more arrive.',
  options: OPTIONS,
  examples: [
    'kvs get --stream front-door -o front-door.mkv',
    'kvs get --stream front-door --start now | ffplay -',
    'kvs get --stream front-door --start now --follow -o front-door.mkv',
  ],
  notes: [
    'With --follow whole fragments are written, each once; gaps between them are told.',
    'Ctrl-C ends the file after its last whole fragment.',
    'Exit status: 0 media were saved; 1 none, or not all; 2 wrong arguments.',
  ],
  async run(options) {
    const output = options.output ?? (process.stdout.isTTY ? undefined : '-');
    if (output === undefined) throw new UsageError('-o FILE is missing');
    if (output === '-' && options.json) {
      throw new UsageError(
        '--json and the media cannot both go to the standard output: give -o FILE',
      );
    }
    const { get } = await import('./get.js');
    return get(output, options);
  },
});

function startPosition(given: string, name: string): string {
  if (given === 'earliest' || given === 'now' || /^\d{1,128}$/.test(given)) return given;
  throw new UsageError(
    `Expected earliest, now or a fragment number for ${name} but received ${JSON.stringify(given)}`,
  );
}
