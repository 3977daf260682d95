/** What the page and its server say to each other, in JSON. Times are epoch milliseconds. */

/** What the page is about. */
export interface PageConfig {
  readonly streamName: string;
  readonly region: string;
  /** URL of the endpoint where it is not that of AWS. */
  readonly endpoint: string | undefined;
  /** Whether a producer runs beside the page, whose acknowledgements it shows. */
  readonly hasProducer: boolean;
}

/** A fragment that the service holds. */
export interface FragmentRow {
  readonly number: string;
  readonly producerTime: number;
  readonly serverTime: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Bytes. */
  readonly size: number;
}

/** What a player is to be given. */
export interface SessionRequest {
  readonly protocol: 'hls' | 'dash';
  readonly mode: 'live' | 'on-demand';
  /** Of HLS. */
  readonly container: 'fmp4' | 'ts';
  /** By the clock of the producer; on demand only. */
  readonly start?: number | undefined;
  readonly end?: number | undefined;
}

/** Where the player finds it, relative to the page. */
export interface SessionAnswer {
  readonly url: string;
}

/** Any answer that is not the one asked for. */
export interface ErrorAnswer {
  readonly code: string;
  /** A sentence that says what to do. */
  readonly message: string;
  /** Whether another attempt may succeed. */
  readonly retryable: boolean;
}

/** An acknowledgement that the producer got. */
export interface AckEvent {
  readonly type: string;
  readonly fragmentNumber: string | undefined;
  /** When the fragment begins. */
  readonly fragmentTime: number | undefined;
  /** When the acknowledgement came. */
  readonly time: number;
  /** What is wrong, when it is an error. */
  readonly error: string | undefined;
}
