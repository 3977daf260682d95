import type { Exchange } from './exchange.js';
import type { ResolvedOptions } from './options.js';
import type { StreamRegistry } from './streams/registry.js';

/** What operations work on. */
export interface LocalService {
  readonly options: ResolvedOptions;
  readonly streams: StreamRegistry;
  /** The URL of this endpoint as the client of `exchange` reached it. */
  urlFor(exchange: Exchange): string;
}
