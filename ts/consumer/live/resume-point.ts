import type { StartSelector } from '@aws-sdk/client-kinesis-video-media';
import { compareFragmentNumbers } from '../../parser/fragment-number.js';
import type { FragmentEnd, FragmentHeader } from '../../parser/index.js';

/** Where reading goes on: behind the last fragment that was read to its end. */
export class ResumePoint {
  readonly #start: StartSelector;
  #last: (FragmentHeader & Pick<FragmentEnd, 'continuationToken'>) | undefined;
  /** A fragment that has begun, as long as none before it was read to its end. */
  #begun: FragmentHeader | undefined;
  /** How many ways to say where to go on the service has not understood. */
  #refusals = 0;

  constructor(start: StartSelector) {
    this.#start = start;
  }

  /** A fragment has begun; when the numbers begin again with it, those before say nothing any more. */
  begun(header: FragmentHeader, isRecreated: boolean): void {
    this.#begun = header;
    if (!isRecreated) return;
    this.#last = undefined;
    this.#refusals = 0;
  }

  /** A fragment is over, or given up. */
  passed(header: FragmentHeader, end?: FragmentEnd): void {
    const { continuationToken } = end ?? {};
    this.#last = { ...header, ...(continuationToken !== undefined && { continuationToken }) };
    this.#refusals = 0;
  }

  /** The service cannot go on there. False when there is no other way to say where. */
  refused(): boolean {
    if (this.#last === undefined || this.#refusals >= 2) return false;
    this.#refusals += 1;
    return true;
  }

  /**
   * What a fragment is: one that was `read` before, one that comes `next`, or one of a `recreated`
   * stream, whose numbers begin again. The service does not know the old ones then, and has received
   * the fragment after the last one that was read.
   */
  placeOf({ fragmentNumber = '', serverTimestamp }: FragmentHeader): 'read' | 'next' | 'recreated' {
    const last = this.#last;
    if (last?.fragmentNumber === undefined) return 'next';
    if (compareFragmentNumbers(fragmentNumber, last.fragmentNumber) > 0) return 'next';
    const isLater = (serverTimestamp ?? 0) > (last.serverTimestamp ?? Infinity);
    return this.#refusals > 0 && isLater ? 'recreated' : 'read';
  }

  /** What to ask the service for. */
  get selector(): StartSelector {
    const last = this.#last;
    if (last === undefined) return this.#first();
    const { fragmentNumber, serverTimestamp, continuationToken } = last;
    if (this.#refusals === 0 && continuationToken !== undefined) {
      return { StartSelectorType: 'CONTINUATION_TOKEN', ContinuationToken: continuationToken };
    }
    if (this.#refusals === 0) {
      return { StartSelectorType: 'FRAGMENT_NUMBER', AfterFragmentNumber: fragmentNumber };
    }
    if (this.#refusals === 1 && serverTimestamp !== undefined) {
      return { StartSelectorType: 'SERVER_TIMESTAMP', StartTimestamp: new Date(serverTimestamp) };
    }
    // What was read before is passed over.
    return { StartSelectorType: 'EARLIEST' };
  }

  /** Where the newest fragment is by now is not where reading began. */
  #first(): StartSelector {
    const time = this.#begun?.serverTimestamp;
    if (time === undefined) return this.#start;
    return { StartSelectorType: 'SERVER_TIMESTAMP', StartTimestamp: new Date(time) };
  }
}
