import type { Exchange } from '../exchange.js';
import type { LocalStream } from '../streams/stream.js';
import { metricOf } from './definitions.js';

/** Operations whose latency and success are about fragments, not about calls. */
const BY_FRAGMENT = ['PutMedia', 'GetMedia', 'GetMediaForFragmentList'];

/** Measures a call of an operation from now to its end. */
export function measureCall(exchange: Exchange, operation: string, { metrics }: LocalStream): void {
  const measure = (name: string, value: number): void => {
    const metric = metricOf(operation, name);
    if (metric !== undefined) metrics.add(metric, value);
  };
  measure('Requests', 1);
  exchange.onSent = (bytes) => {
    measure('OutgoingBytes', bytes);
  };
  const { response } = exchange;
  response.once('close', () => {
    const refused = response.statusCode >= 400;
    if (refused) measure('ConnectionErrors', 1);
    if (BY_FRAGMENT.includes(operation)) return;
    measure('Latency', performance.now() - exchange.startedAt);
    measure('Success', response.writableFinished && !refused ? 1 : 0);
  });
}
