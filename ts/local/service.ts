import type { PersistedFragments } from './events/persisted-fragments.js';
import type { Exchange } from './exchange.js';
import type { Gate } from './gate.js';
import type { ResolvedOptions } from './options.js';
import type { PlaybackSessions } from './playback/sessions.js';
import type { Quotas } from './quotas/quotas.js';
import type { StreamRegistry } from './streams/registry.js';

/** What operations work on. */
export interface LocalService {
  readonly options: ResolvedOptions;
  readonly streams: StreamRegistry;
  /** Where to hear of each fragment that is persisted, with what its tags ask for. */
  readonly persisted: PersistedFragments;
  /** What of the service's quotas is in force. */
  readonly quotas: Quotas;
  /** Where each call is let in. */
  readonly gate: Gate;
  /** Who watches what through HLS and DASH. */
  readonly playback: PlaybackSessions;
  /** The URL of this endpoint as the client of `exchange` reached it. */
  urlFor(exchange: Exchange): string;
}
