import type { Command } from '../command.js';
import { defineCommand } from '../command.js';
import { CONNECTION_OPTIONS } from '../connection.js';
import { LOG_OPTIONS } from '../log.js';
import {
  choice,
  flag,
  number,
  required,
  streamName,
  value,
  valueOr,
  type OptionTable,
  type OptionValues,
} from '../options.js';
import { UsageError } from '../usage-error.js';
import { BY_OPTION, clockOf, NOW, time } from './range.js';

const MODES = {
  live: 'LIVE',
  'live-replay': 'LIVE_REPLAY',
  'on-demand': 'ON_DEMAND',
} as const;

const OPTIONS = {
  stream: required('NAME', 'stream to play', streamName),
  mode: valueOr(
    'MODE',
    'live, live-replay or on-demand (default: live)',
    choice('live', 'live-replay', 'on-demand'),
    'live',
  ),
  start: value('TIME', 'from TIME on: ISO 8601, epoch ms, or -10m for 10 minutes ago', time),
  end: value('TIME', 'up to TIME', time),
  ...BY_OPTION,
  expires: valueOr(
    'SECONDS',
    'for how long the URL is valid, 300 to 43200 (default: 300)',
    number({ min: 300, max: 43_200, unit: 'seconds', whole: true }),
    300,
  ),
  max: value(
    'N',
    'fragments in a playlist, 1 to 5000',
    number({ min: 1, max: 5000, unit: 'fragments', whole: true }),
  ),
  timestamps: flag('tell the player the times of the fragments'),
};

const COMMON = {
  follow: flag('renew the URL before it expires, and print each new one, until Ctrl-C'),
  ...CONNECTION_OPTIONS,
  ...LOG_OPTIONS,
  json: flag('print one JSON object a line: url'),
};

/** What both commands are asked for. */
export type SessionCommandOptions = OptionValues<typeof OPTIONS & typeof COMMON>;

/** Makes `kvs hls-url` or `kvs dash-url`; `run` gets the options and does the work. */
export function sessionCommand<O extends OptionTable>(parts: {
  readonly name: string;
  readonly protocol: string;
  readonly options: O;
  readonly run: (options: SessionCommandOptions & OptionValues<O>) => Promise<number>;
}): Command {
  const { name, protocol, options } = parts;
  return defineCommand({
    name,
    usage: `${name} --stream NAME [options]`,
    description: `Prints a URL with which players play a stream by ${protocol}.`,
    options: { ...OPTIONS, ...options, ...COMMON },
    examples: [
      `kvs ${name} --stream front-door`,
      `ffplay "$(kvs ${name} --stream front-door --mode on-demand --start -10m --end -5m)"`,
    ],
    notes: ['Whoever has the URL can play the stream until it expires.'],
    // The table is that of the options, which the type of a spread does not say.
    run: (given) => parts.run(given as unknown as SessionCommandOptions & OptionValues<O>),
  });
}

/** The part of the request that both have. Throws UsageError for times that the mode excludes. */
export function sessionOf(options: SessionCommandOptions) {
  const { stream, mode, start, end, by, expires, timestamps } = options;
  if (mode === 'live' && (start ?? end) !== undefined) {
    const flagName = start === undefined ? '--end' : '--start';
    throw new UsageError(`${flagName} needs --mode live-replay or --mode on-demand`);
  }
  if (mode !== 'live' && start === undefined) {
    throw new UsageError(`--mode ${mode} needs --start TIME`);
  }
  return {
    streamName: stream,
    playbackMode: MODES[mode],
    startTimestamp: start,
    // A range without an end reaches until now.
    endTimestamp: end ?? (mode === 'on-demand' ? NOW : undefined),
    fragmentSelectorType: clockOf(by),
    expires: expires * 1000,
    ...(timestamps && { displayFragmentTimestamp: true }),
  };
}
