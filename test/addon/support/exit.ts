/** A process that ends in the middle of streaming, in the way that its argument names. */
import { binding } from '../../../ts/internal/binding.js';
import type { NativeClient, NativeStream } from '../../../ts/internal/native.js';
import { makeConfig, MIB, START } from './native.js';

const client = binding().createClient(10 * MIB, 0, '', 0) as NativeClient;
const stream = client.createStream(makeConfig()) as NativeStream;
for (let index = 0; index < 100; index += 1) {
  stream.putFrame(new Uint8Array(1000).fill(1), 1, 1, START + index, START + index, 0);
}
stream.openSession(0);

switch (process.argv[2]) {
  case 'exit':
    process.exit(5);
    break;
  case 'exit-in-listener':
    process.on('exit', () => {
      stream.putFrame(new Uint8Array(10), 1, 1, START + 1000, START + 1000, 0);
      client.close();
    });
    break;
  case 'throw':
    setImmediate(() => {
      throw new Error('on purpose');
    });
    break;
  default:
  // Leaves with everything open.
}
