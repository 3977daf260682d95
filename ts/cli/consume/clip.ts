import { defineCommand } from '../command.js';
import { CONNECTION_OPTIONS } from '../connection.js';
import { LOG_OPTIONS } from '../log.js';
import { flag, required, streamName, text } from '../options.js';
import { UsageError } from '../usage-error.js';
import { SPAN_OPTIONS } from './range.js';

/** `kvs clip`. */
export const command = defineCommand({
  name: 'clip',
  usage: 'clip --stream NAME --start TIME -o FILE [options]',
  description: 'Saves a span of time as one MP4 file: its first 200 fragments, or 100 MB.',
  options: {
    stream: required('NAME', 'stream to read', streamName),
    ...SPAN_OPTIONS,
    output: {
      ...required('FILE', 'write to FILE; - is the standard output', text),
      short: 'o',
    },
    ...CONNECTION_OPTIONS,
    ...LOG_OPTIONS,
    json: flag('print one JSON object a line: summary'),
  },
  examples: [
    'kvs clip --stream front-door --start -10m --end -5m -o front-door.mp4',
    'kvs clip --stream front-door --start 2026-01-31T12:00:00Z -o - | ffplay -',
  ],
  async run(options) {
    if (options.output === '-' && options.json) {
      throw new UsageError(
        '--json and the clip cannot both go to the standard output: give -o FILE',
      );
    }
    const { saveClip } = await import('./save-clip.js');
    return saveClip(options);
  },
});
