/** A stream of the core without the TypeScript around it. */
import { binding } from '../../../ts/internal/binding.js';
import { unwrap, type NativeStream } from '../../../ts/internal/native.js';
import { toNativeConfig } from '../../../ts/producer/native-config.js';
import { resolveDefinition } from '../../../ts/producer/stream-definition.js';
import type { TestContext } from '../../support/suite.js';
import { definition } from './media.js';

/** An empty stream with one video track of a codec that nothing is known about. */
export function makeNativeStream(t: TestContext): NativeStream {
  const client = unwrap(binding().createClient(10 * 1024 * 1024, 0, '', 0), 'no client');
  t.after(() => {
    client.close();
  });
  const resolved = resolveDefinition(definition({ tracks: [{ codecId: 'V_TEST' }] }));
  return unwrap(client.createStream(toNativeConfig(resolved, true)), 'no stream');
}
