/** Visitors of fragments and frames, for those who push what they have read. */
import {
  FragmentParser,
  type FragmentEnd,
  type FragmentHeader,
  type FragmentParserOptions,
} from './fragment-parser.js';
import type { FragmentError, FragmentTag } from './fragment-tags.js';
import type { MatroskaFrame } from './frame-reader.js';
import type { MatroskaTrack } from './tracks.js';
import type { MatroskaSink } from './visitor.js';

/** What a FragmentMetadataVisitor tells. */
export interface FragmentMetadataHandler {
  /** A fragment begins. */
  fragment?(fragment: FragmentHeader): void;
  /** A tag that the producer has given the fragment. */
  tag?(tag: FragmentTag, fragment: FragmentHeader): void;
  /** A fragment is over. */
  end?(fragment: FragmentHeader, end: FragmentEnd): void;
  /** The service could not give a fragment. Without it `push` throws nothing of the kind. */
  error?(error: FragmentError): void;
}

/** Keeps what is known of the fragment that is being read, and passes on its tags. */
export class FragmentMetadataVisitor implements MatroskaSink {
  readonly #parser: FragmentParser;
  readonly #handler: FragmentMetadataHandler;
  #fragment: FragmentHeader | undefined;
  #end: FragmentEnd | undefined;

  /** Makes one that tells what it finds, if anybody wants to know. */
  constructor(handler: FragmentMetadataHandler = {}, options: FragmentParserOptions = {}) {
    this.#handler = handler;
    this.#parser = new FragmentParser(
      {
        fragment: (header) => {
          this.#fragment = header;
          handler.fragment?.(header);
          this.#tell(header.tags, header);
        },
        end: (end) => {
          this.#finish(end);
        },
        error: (error) => handler.error?.(error),
      },
      options,
    );
  }

  /** The fragment that is being read, or the last one. */
  get fragment(): FragmentHeader | undefined {
    return this.#fragment;
  }

  /** Milliseconds by which the reader was behind at the end of the last whole fragment. */
  get millisBehindNow(): number | undefined {
    return this.#end?.millisBehindNow;
  }

  /** Where GetMedia can go on behind the last whole fragment. */
  get continuationToken(): string | undefined {
    return this.#end?.continuationToken;
  }

  /** What the fragment says about one of its tracks. */
  track(number: number): MatroskaTrack | undefined {
    return this.#fragment?.tracks.find((track) => track.number === number);
  }

  /** Takes the next bytes, see `MatroskaSink`. */
  push(chunk: Uint8Array): void {
    this.#parser.push(chunk);
  }

  /** Marks the end of the input, see `MatroskaSink`. */
  end(): void {
    this.#parser.end();
  }

  #finish(end: FragmentEnd): void {
    const fragment = this.#fragment;
    this.#end = end;
    if (fragment === undefined) return;
    // Those ahead of the Cluster were told when it began.
    this.#tell(end.tags.slice(fragment.tags.length), fragment);
    this.#handler.end?.(fragment, end);
  }

  #tell(tags: readonly FragmentTag[], fragment: FragmentHeader): void {
    for (const tag of tags) this.#handler.tag?.(tag, fragment);
  }
}

/** Passes on each frame with its fragment. */
export class FrameVisitor implements MatroskaSink {
  readonly #parser: FragmentParser;
  #fragment: FragmentHeader | undefined;

  /** @param onFrame - is called with each frame; what it throws comes out of `push` */
  constructor(
    onFrame: (frame: MatroskaFrame, fragment: FragmentHeader) => void,
    options: FragmentParserOptions = {},
  ) {
    this.#parser = new FragmentParser(
      {
        fragment: (header) => {
          this.#fragment = header;
        },
        frame: (frame) => {
          if (this.#fragment !== undefined) onFrame(frame, this.#fragment);
        },
      },
      options,
    );
  }

  /** Takes the next bytes, see `MatroskaSink`. */
  push(chunk: Uint8Array): void {
    this.#parser.push(chunk);
  }

  /** Marks the end of the input, see `MatroskaSink`. */
  end(): void {
    this.#parser.end();
  }
}
