import type { KinesisVideoClientOptions } from '../../../ts/index.js';
import type { Transport } from './world.js';

/** The options of a client that moves its media so. */
export function transportOptions(transport: Transport): KinesisVideoClientOptions {
  if (transport === 'worker') throw new Error('There is no worker transport yet');
  return {};
}
