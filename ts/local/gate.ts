import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange } from './exchange.js';
import type { CallFaults } from './faults/call-faults.js';
import type { FaultInjector } from './faults/injector.js';
import { measureCall } from './metrics/call-metrics.js';
import type { Caller, Quotas } from './quotas/quotas.js';
import type { Target } from './target.js';

const NO_FAULTS: CallFaults = { delay: 0, droppedAcks: new Set() };

/** What each call passes before it is dealt with, once it is known who asks for what; counted here. */
export class Gate {
  readonly #faults: FaultInjector;
  readonly #quotas: Quotas;

  constructor(faults: FaultInjector, quotas: Quotas) {
    this.#faults = faults;
    this.#quotas = quotas;
  }

  /**
   * Lets a call in, and says what shall go wrong with its media; undefined when nothing is left to
   * do because a fault has dealt with it. Throws Refusal.
   */
  async admit(exchange: Exchange, target: Target, caller: Caller): Promise<CallFaults | undefined> {
    if (caller.stream !== undefined) measureCall(exchange, target.operation, caller.stream);
    const faults = this.#faults.strike(target) ?? NO_FAULTS;
    const { delay, instead, rate, bytes } = faults;
    if (delay > 0) {
      await sleep(delay, undefined, { signal: exchange.closed }).catch(() => undefined);
    }
    if (instead instanceof Error) throw instead;
    if (instead !== undefined) {
      if (instead === 'reset') exchange.reset();
      await exchange.hang();
      return undefined;
    }
    this.#quotas.admit(target.operation, caller);
    if (rate !== undefined) exchange.pace(rate);
    if (bytes !== undefined) exchange.breakAfter(bytes);
    return faults;
  }
}
