import { defineCommand } from '../command.js';
import { CONNECTION_OPTIONS } from '../connection.js';
import { formatTime } from '../format.js';
import { LOG_OPTIONS } from '../log.js';
import { flag, required, streamName, valueOr } from '../options.js';
import { SPAN_OPTIONS, spanOf, time } from './range.js';

/** `kvs fragments`. */
export const command = defineCommand({
  name: 'fragments',
  usage: 'fragments --stream NAME [options]',
  description: 'Lists the fragments that a stream keeps, in the order of their times.',
  options: {
    stream: required('NAME', 'stream to list', streamName),
    ...SPAN_OPTIONS,
    start: valueOr(
      'TIME',
      'from TIME on: ISO 8601, epoch ms, or -10m: 10 minutes ago (default: all)',
      time,
      0,
    ),
    ...CONNECTION_OPTIONS,
    ...LOG_OPTIONS,
    json: flag('print each fragment as a line of JSON'),
  },
  examples: [
    'kvs fragments --stream front-door --start -1h',
    'kvs fragments --stream front-door --by producer --start 2026-01-31T12:00:00Z --json',
  ],
  notes: ['Columns: fragment number, producer time, server time, milliseconds, bytes.'],
  async run(options) {
    const { withConsumer } = await import('./with-consumer.js');
    return withConsumer(options, async ({ consumer, signal, terminal }) => {
      const { stream, json } = options;
      const range = { streamName: stream, signal, ...spanOf(options) };
      let count = 0;
      for await (const info of consumer.listFragments(range)) {
        count += 1;
        if (!process.stdout.writable) return undefined;
        const { fragmentNumber, producerTimestamp, serverTimestamp, duration, size } = info;
        const times = [producerTimestamp, serverTimestamp].map(formatTime);
        const columns = [fragmentNumber, ...times, String(duration).padStart(6), size];
        process.stdout.write(`${json ? JSON.stringify(info) : columns.join('  ')}\n`);
      }
      if (count === 0) terminal.line(`kvs: stream "${stream}" has no fragments then`);
      return undefined;
    });
  },
});
