import { choice, valueOr, value } from '../options.js';
import { sessionCommand, sessionOf } from './session-command.js';

const DISCONTINUITY = {
  always: 'ALWAYS',
  never: 'NEVER',
  'on-discontinuity': 'ON_DISCONTINUITY',
} as const;

/** `kvs hls-url`. */
export const command = sessionCommand({
  name: 'hls-url',
  protocol: 'HLS',
  options: {
    container: valueOr('FORMAT', 'fmp4 or ts (default: fmp4)', choice('fmp4', 'ts'), 'fmp4'),
    discontinuity: value(
      'WHEN',
      'announce discontinuities always, never or on-discontinuity',
      choice('always', 'never', 'on-discontinuity'),
    ),
  },
  async run(options) {
    const { printSession } = await import('./print-session.js');
    const { container, discontinuity, max } = options;
    return printSession(options, 'openHlsSession', {
      ...sessionOf(options),
      containerFormat: container === 'fmp4' ? 'FRAGMENTED_MP4' : 'MPEG_TS',
      discontinuityMode: discontinuity && DISCONTINUITY[discontinuity],
      maxMediaPlaylistFragmentResults: max,
    });
  },
});
