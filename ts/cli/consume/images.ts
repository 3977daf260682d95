import { defineCommand } from '../command.js';
import { CONNECTION_OPTIONS } from '../connection.js';
import { LOG_OPTIONS } from '../log.js';
import { choice, flag, number, required, streamName, text, value, valueOr } from '../options.js';
import { SPAN_OPTIONS } from './range.js';

/** `kvs images`. */
export const command = defineCommand({
  name: 'images',
  usage: 'images --stream NAME --start TIME -o DIR [options]',
  description: 'Saves images of a stream at regular times as files named by their times.',
  options: {
    stream: required('NAME', 'stream to read', streamName),
    ...SPAN_OPTIONS,
    interval: valueOr(
      'MS',
      'milliseconds between images, at least 200 (default: 3000)',
      number({ min: 200, max: 2 ** 31 - 1, unit: 'milliseconds', whole: true }),
      3000,
    ),
    format: valueOr('FORMAT', 'jpeg or png (default: jpeg)', choice('jpeg', 'png'), 'jpeg'),
    quality: value(
      'N',
      'quality of JPEG, 1 to 100 (default: 80)',
      number({ min: 1, max: 100, unit: 'percent', whole: true }),
    ),
    width: value(
      'PIXELS',
      'width, together with --height',
      number({ min: 1, max: 3840, unit: 'pixels', whole: true }),
    ),
    height: value(
      'PIXELS',
      'height; the width follows (default: as the video)',
      number({ min: 1, max: 2160, unit: 'pixels', whole: true }),
    ),
    output: { ...required('DIR', 'folder for the files, made if it is missing', text), short: 'o' },
    ...CONNECTION_OPTIONS,
    ...LOG_OPTIONS,
    json: flag('print one JSON object a line: image, summary'),
  },
  examples: ['kvs images --stream front-door --start -5m --interval 10000 -o images'],
  notes: ['Exit status: 0 there is an image; 1 there is none; 2 wrong arguments.'],
  async run(options) {
    const { saveImages } = await import('./save-images.js');
    return saveImages(options);
  },
});
