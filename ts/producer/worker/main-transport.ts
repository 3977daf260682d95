import type { ResolvedClientOptions } from '../client-options.js';
import { OutageNotice } from '../outage-notice.js';
import { RetryAdvisor } from '../retry-advice.js';
import { ServiceAccess } from '../service-access.js';
import { StreamEngine, type EngineHost, type EngineParts } from '../stream-engine.js';
import type { Engine, StreamTransport, Transport } from './transport.js';

/** The connections of a client in the thread of the program. */
export class MainTransport implements Transport {
  readonly #options: ResolvedClientOptions;
  readonly #access: ServiceAccess;
  readonly #advisor: RetryAdvisor;
  readonly #outages = new OutageNotice();

  private constructor(options: ResolvedClientOptions, access: ServiceAccess) {
    this.#options = options;
    this.#access = access;
    this.#advisor = new RetryAdvisor(options.retryCallbacks, options.logger);
  }

  /** Finds out the region and prepares the rest; no call is made yet. */
  static async open(options: ResolvedClientOptions): Promise<MainTransport> {
    return new MainTransport(options, await ServiceAccess.open(options));
  }

  forStream(streamName: string): StreamTransport {
    const access = this.#access.forStream(streamName);
    return {
      calls: access.calls,
      prepareStream: (definition, options) => access.prepareStream(definition, options),
      makeEngine: (native, definition, host) =>
        this.#makeEngine({ native, definition, connector: access, calls: access.calls }, host),
      release: () => {
        access.release();
      },
    };
  }

  close(): void {
    this.#access.close();
  }

  #makeEngine(
    parts: Pick<EngineParts, 'native' | 'definition' | 'connector' | 'calls'>,
    host: EngineHost,
  ): Engine {
    const { logger } = this.#options;
    const own = { logger, advisor: this.#advisor, outages: this.#outages };
    return new StreamEngine({ ...parts, ...own }, host);
  }
}
