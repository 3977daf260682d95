import type { AckType } from '../media/acks.js';

/** What goes wrong in the middle of a PutMedia. */
export interface MediaBreak {
  /** When this many fragments are whole and the next one has begun. */
  readonly after: number;
  /** An ErrorId is told and ends the connection; `hang` takes all and answers nothing more. */
  readonly what: 'hang' | 'reset' | { readonly errorId: number };
}

/** What goes wrong with one call that is let in. */
export interface CallFaults {
  /** Milliseconds before it is dealt with. */
  readonly delay: number;
  /** What happens to it instead of an answer. */
  readonly instead?: 'hang' | 'reset' | Error;
  readonly mediaBreak?: MediaBreak;
  readonly droppedAcks: ReadonlySet<AckType>;
  /** Bytes per second of the media or of the answer; undefined for no limit. */
  readonly rate?: number;
  /** The answer's body is cut behind so many bytes. */
  readonly bytes?: number;
}
