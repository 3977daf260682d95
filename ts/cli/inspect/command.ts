import { defineCommand } from '../command.js';
import { flag } from '../options.js';

/** `kvs inspect`. */
export const command = defineCommand({
  name: 'inspect',
  usage: 'inspect FILE|- [options]',
  description:
    'Lists what a Matroska file or a saved answer of GetMedia holds: elements, frames, and\n' +
    'the fragments with the tags of the service.',
  operand: { name: 'FILE', help: 'file to read; - is the standard input' },
  options: {
    fragments: flag('list the fragments only'),
    json: flag('print one JSON object a line: element, frame, fragment, error, summary'),
  },
  examples: [
    'kvs inspect recording.mkv',
    'kvs get --stream front-door --raw | kvs inspect - --fragments',
  ],
  notes: ['Exit status: 0 all of it is sound; 1 it is damaged or cut off; 2 wrong arguments.'],
  async run(options, operand) {
    const { inspect } = await import('./inspect.js');
    return inspect(operand, options);
  },
});
