import { flag } from '../options.js';
import { sessionCommand, sessionOf } from './session-command.js';

/** `kvs dash-url`. */
export const command = sessionCommand({
  name: 'dash-url',
  protocol: 'MPEG-DASH',
  options: { numbers: flag('tell the player the numbers of the fragments') },
  async run(options) {
    const { printSession } = await import('./print-session.js');
    return printSession(options, 'openDashSession', {
      ...sessionOf(options),
      ...(options.numbers && { displayFragmentNumber: true }),
      maxManifestFragmentResults: options.max,
    });
  },
});
