import { defineCommand } from '../command.js';
import { CONNECTION_OPTIONS } from '../connection.js';
import { LOG_OPTIONS } from '../log.js';
import {
  choice,
  flag,
  metadata,
  moment,
  number,
  repeated,
  required,
  size,
  streamName,
  tag,
  text,
  value,
  valueOr,
  type OptionValues,
} from '../options.js';
import { UsageError } from '../usage-error.js';

const MEBIBYTE = 1024 ** 2;
const seconds = number({ min: 0.1, max: 86_400, unit: 'seconds' });

const OPTIONS = {
  stream: required('NAME', 'stream to upload to', streamName),
  ...CONNECTION_OPTIONS,
  realtime: flag('send at the speed of the media; drop the oldest when the network is slow'),
  asFastAsPossible: flag('send as fast as the network allows, and drop nothing (default)'),
  json: flag('print one JSON object a line: start, ack, drop, error, summary'),
  format: value(
    'F',
    'mp4, mov, mkv, webm, h264, h265 or aac (default: detected)',
    choice('mp4', 'mov', 'mkv', 'webm', 'h264', 'h265', 'aac'),
  ),
  frameRate: value(
    'N',
    'frames a second of raw H.264 or H.265 (default: what it tells, or 25)',
    number({ min: 0.1, max: 1000, unit: 'frames a second' }),
  ),
  tracks: valueOr(
    'T',
    'all, video or audio (default: all)',
    choice('all', 'video', 'audio'),
    'all',
  ),
  startTime: valueOr(
    'TIME',
    'when the media begin: now, ISO 8601 or epoch ms (default: now)',
    moment,
    'now',
  ),
  fragmentDuration: valueOr(
    'MS',
    'cut fragments at the first key frame after MS (default: 2000)',
    number({ min: 1000, max: 20_000, unit: 'milliseconds' }),
    2000,
  ),
  timestamps: valueOr(
    'POLICY',
    'throw, drop or fix timestamps that cannot be sent (default: throw)',
    choice('throw', 'drop', 'fix'),
    'throw',
  ),
  replayDuration: value(
    'MS',
    'with --realtime: send again at most MS after a lost connection',
    number({ min: 0, max: 86_400_000, unit: 'milliseconds' }),
  ),
  maxLatency: valueOr(
    'MS',
    'with --realtime: tell when more than MS is still to be sent',
    number({ min: 0, max: 86_400_000, unit: 'milliseconds' }),
    0,
  ),
  idleTimeout: value(
    'S',
    'end a fragment after S silent seconds (default: 20 with --realtime)',
    number({ min: 0, max: 86_400, unit: 'seconds' }),
  ),
  metadata: repeated('NAME=VALUE', 'attach to every fragment; can be repeated', metadata),
  relative: flag('send fragment times relative to the start time'),
  storageSize: valueOr(
    'SIZE',
    'memory for what is not confirmed yet (default: 40M)',
    size(10 * MEBIBYTE, 10 * 1024 * MEBIBYTE),
    40 * MEBIBYTE,
  ),
  spillDir: value('DIR', 'folder for a file that takes what the memory cannot hold', text),
  spillSize: value(
    'SIZE',
    'how large that file may get (default: 1G)',
    size(10 * MEBIBYTE, 1024 * 1024 * MEBIBYTE),
  ),
  retention: valueOr(
    'HOURS',
    'how long a stream that is created keeps its media (default: 24)',
    number({ min: 0, max: 87_600, unit: 'hours', whole: true }),
    24,
  ),
  minimalPermissions: flag('call GetDataEndpoint and PutMedia only; the stream must exist'),
  noCreate: flag('fail when the stream does not exist'),
  tag: repeated('KEY=VALUE', 'tag the stream; can be repeated', tag),
  stallTimeout: valueOr('S', 'fail after S seconds without progress (default: 30)', seconds, 30),
  stopTimeout: valueOr('S', 'wait S seconds for the last fragments (default: 120)', seconds, 120),
  verbose: flag('tell more on the standard error'),
  ...LOG_OPTIONS,
};

/** What `kvs put` was asked for. */
export type PutOptions = OptionValues<typeof OPTIONS>;

/** `kvs put`. */
export const command = defineCommand({
  name: 'put',
  usage: 'put FILE|- --stream NAME [options]',
  description: 'Uploads a media file, or what comes from a pipe, to a stream.',
  operand: {
    name: 'FILE',
    help: 'MP4, MOV, Matroska, WebM, H.264, H.265 or AAC; - is the standard input',
  },
  options: OPTIONS,
  examples: [
    'kvs put clip.mp4 --stream front-door --region us-west-2',
    'kvs put clip.mp4 --stream test --endpoint http://127.0.0.1:5870',
    'rpicam-vid -t 0 --inline -o - | kvs put - --stream front-door --realtime',
  ],
  notes: [
    'The first Ctrl-C stops reading and waits until what was sent is stored; a second one gives up.',
    'Exit status: 0 every fragment sent was persisted; 1 it was not; 2 wrong arguments;\n130 interrupted twice, or before anything was sent.',
  ],
  async run(options, operand) {
    if (options.realtime && options.asFastAsPossible) {
      throw new UsageError('--realtime and --as-fast-as-possible exclude each other');
    }
    if (options.spillSize !== undefined && options.spillDir === undefined) {
      throw new UsageError('--spill-size needs --spill-dir, the folder of the file');
    }
    if (!options.realtime && options.replayDuration !== undefined) {
      throw new UsageError('--replay-duration has no effect without --realtime');
    }
    if (!options.realtime && options.maxLatency > 0) {
      throw new UsageError('--max-latency has no effect without --realtime');
    }
    const { put } = await import('./put.js');
    return put(operand, options);
  },
});
