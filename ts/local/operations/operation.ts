import type { Exchange } from '../exchange.js';
import type { CallFaults } from '../faults/call-faults.js';
import type { Input } from '../input.js';
import type { LocalService } from '../service.js';

/** One request for an operation, authorised. */
export interface Call {
  readonly service: LocalService;
  readonly exchange: Exchange;
  /** The members of the JSON body; empty for an operation whose body is a stream. */
  readonly input: Input;
  /** What shall go wrong with media. */
  readonly faults: CallFaults;
}

/**
 * An operation of the API. To add one, write a file beside this one and name it in `index.ts`.
 */
export interface Operation {
  /** The path it is called at; case matters. */
  readonly path: string;
  /** True when the body is media that the handler reads itself. */
  readonly streamsBody?: boolean;
  /**
   * Does the work. What it returns is sent as JSON; undefined means that it has answered by itself.
   * Throws ServiceException.
   */
  handle(call: Call): object | undefined | Promise<object | undefined>;
}
