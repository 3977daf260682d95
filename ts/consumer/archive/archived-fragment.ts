import type {
  FragmentEnd,
  FragmentEvent,
  FragmentHeader,
  FragmentTag,
  MatroskaFrame,
} from '../../parser/index.js';
import type { FragmentInfo } from './list-fragments.js';

/** A fragment of the archive, whole and in memory. */
export class ArchivedFragment {
  /** What the service lists about it. */
  readonly info: FragmentInfo;
  /** Its tracks and Segment, and its times. */
  readonly header: FragmentHeader;
  /** Tags of the producer. */
  readonly tags: readonly FragmentTag[];
  /** Events that the producer has asked for. */
  readonly events: readonly FragmentEvent[];
  readonly #frames: readonly MatroskaFrame[];
  readonly #pieces: readonly Uint8Array[];

  /** @internal */
  constructor(info: FragmentInfo, parts: FragmentParts, end: FragmentEnd) {
    this.info = info;
    this.header = parts.header;
    this.#frames = parts.frames;
    this.tags = end.tags;
    this.events = end.events;
    this.#pieces = parts.pieces;
  }

  /** The service's number, ascending in a stream. */
  get fragmentNumber(): string {
    return this.info.fragmentNumber;
  }

  /** Its frames, in the order of the stream. */
  frames(): readonly MatroskaFrame[] {
    return this.#frames;
  }

  /** Its bytes as the service sends them: a Matroska document, with the tags of the service. */
  data(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }
}

/** What was read of a fragment. */
export interface FragmentParts {
  readonly header: FragmentHeader;
  readonly frames: MatroskaFrame[];
  readonly pieces: Uint8Array[];
}
