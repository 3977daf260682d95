import { ACK_TYPES, type AckType } from '../media/acks.js';
import type { Target } from '../target.js';
import { matchesWildcard } from '../wildcard.js';
import type { CallFaults, MediaBreak } from './call-faults.js';
import { checkFault, type LocalFault } from './fault.js';
import { InjectedError } from './injected-error.js';
import { parseFault } from './parse.js';
import { seededRandom } from './random.js';

/** A fault and the calls that it has been asked about. */
interface Armed {
  readonly fault: LocalFault;
  calls: number;
}

/** Says what goes wrong with each call. */
export class FaultInjector {
  readonly #operations: readonly string[];
  readonly #seed: number;
  #armed: Armed[] = [];
  #random: () => number;

  /**
   * @param operations - the names of all operations
   * @param seed - makes the chance of faults with a probability repeatable
   */
  constructor(operations: readonly string[], seed: number) {
    this.#operations = operations;
    this.#seed = seed;
    this.#random = seededRandom(seed);
  }

  /** Replaces all faults; counting and chance begin anew. Throws KinesisVideoError. */
  set(faults: readonly (LocalFault | string)[]): void {
    const checked = faults.map((fault) =>
      checkFault(typeof fault === 'string' ? parseFault(fault) : fault, this.#operations),
    );
    this.#armed = checked.map((fault) => ({ fault, calls: 0 }));
    this.#random = seededRandom(this.#seed);
  }

  /** What goes wrong with a call; undefined for nothing. */
  strike(target: Target): CallFaults | undefined {
    const effects = this.#armed.filter((armed) => this.#strikes(armed, target));
    if (effects.length === 0) return undefined;
    return combine(effects.map(({ fault }) => fault));
  }

  #strikes(armed: Armed, { operation, streamName = '' }: Target): boolean {
    const { fault } = armed;
    if (fault.operation !== '*' && fault.operation !== operation) return false;
    if (fault.stream !== undefined && !matchesWildcard(fault.stream, streamName)) return false;
    armed.calls += 1;
    if (armed.calls > (fault.first ?? Infinity)) return false;
    if (armed.calls % (fault.every ?? 1) !== 0) return false;
    return fault.probability === undefined || this.#random() < fault.probability;
  }
}

/** What faults do to one call together: of those that exclude each other the first counts. */
function combine(faults: readonly LocalFault[]): CallFaults {
  const delays = faults.map((fault) => (fault.effect === 'delay' ? fault.delay : 0));
  const rates = faults.flatMap((fault) => (fault.effect === 'slow' ? [fault.rate] : []));
  const bytes = faults.flatMap((fault) =>
    fault.effect === 'reset' && fault.bytes !== undefined ? [fault.bytes] : [],
  );
  const instead = faults.map(insteadOf).find((effect) => effect !== undefined);
  const mediaBreak = faults
    .flatMap((fault) => breakOf(fault) ?? [])
    .sort((a, b) => a.after - b.after)[0];
  return {
    delay: delays.reduce((sum, delay) => sum + delay, 0),
    droppedAcks: new Set(faults.flatMap(droppedBy)),
    ...(instead && { instead }),
    ...(mediaBreak && { mediaBreak }),
    ...(rates.length > 0 && { rate: Math.min(...rates) }),
    ...(bytes.length > 0 && { bytes: Math.min(...bytes) }),
  };
}

function insteadOf(fault: LocalFault): CallFaults['instead'] {
  if (fault.effect === 'error') return new InjectedError(fault.error, fault.status);
  if (fault.effect === 'hang' && fault.after === undefined) return 'hang';
  const isReset = fault.effect === 'reset';
  return isReset && fault.after === undefined && fault.bytes === undefined ? 'reset' : undefined;
}

function breakOf(fault: LocalFault): MediaBreak | undefined {
  if (fault.effect === 'ack-error') {
    return { after: fault.after ?? 0, what: { errorId: fault.id } };
  }
  if ((fault.effect !== 'hang' && fault.effect !== 'reset') || fault.after === undefined) return;
  return { after: fault.after, what: fault.effect };
}

function droppedBy(fault: LocalFault): readonly AckType[] {
  return fault.effect === 'drop-acks' ? (fault.types ?? ACK_TYPES) : [];
}
