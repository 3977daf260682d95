import type { KinesisVideoClientOptions } from '../../../ts/index.js';
import type { Transport } from './world.js';

/** The options of a client that moves its media so; the usual way is not named. */
export function transportOptions(transport: Transport): KinesisVideoClientOptions {
  return transport === 'main' ? {} : { transport };
}
