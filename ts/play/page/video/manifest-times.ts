/** The namespace of what the service adds to manifests. */
const KVS = 'urn:amazon:kinesis-video-streams';

interface Placed {
  /** Where a fragment begins in the presentation, in seconds. */
  readonly position: number;
  /** When it was put, in epoch milliseconds. */
  readonly time: number;
}

/** How often a live manifest is read again: behind a gap, times go on elsewhere. In milliseconds. */
const REFRESH_INTERVAL = 3000;
/** A position may lie a little before the fragment that it is meant for, by rounding; seconds. */
const EARLIER = 0.005;

/**
 * When the fragments of a DASH presentation were put: the service notes the time of each fragment. The
 * clock of a live presentation is that of the service, and one on demand has none.
 */
export class ManifestTimes {
  readonly #url: string;
  readonly #stop = new AbortController();
  #placed: readonly Placed[] = [];

  private constructor(url: string) {
    this.#url = url;
  }

  /** Reads the manifest, and again and again when it is live. */
  static async open(url: string, isLive: boolean): Promise<ManifestTimes> {
    const times = new ManifestTimes(url);
    await times.#refresh();
    if (isLive) times.#goOn();
    return times;
  }

  /** The time (epoch ms) at a position (seconds); undefined when the service does not tell. */
  at(position: number): number | undefined {
    const placed = this.#placed;
    const fragment = placed.findLast((one) => one.position <= position + EARLIER) ?? placed[0];
    return fragment && fragment.time + (position - fragment.position) * 1000;
  }

  /** Reads no more. */
  stop(): void {
    this.#stop.abort();
  }

  async #refresh(): Promise<void> {
    const answer = await fetch(this.#url, { signal: this.#stop.signal });
    if (!answer.ok) return;
    const text = await answer.text();
    this.#placed = readTimeline(new DOMParser().parseFromString(text, 'application/xml'));
  }

  #goOn(): void {
    setTimeout(() => {
      if (this.#stop.signal.aborted) return;
      // The player tells of what is wrong with the manifest.
      void this.#refresh()
        .catch(() => undefined)
        .then(() => {
          this.#goOn();
        });
    }, REFRESH_INTERVAL);
  }
}

function readTimeline(manifest: Document): Placed[] {
  const template = manifest.querySelector('SegmentTemplate');
  const number = (element: Element | null, name: string): number =>
    Number(element?.getAttribute(name) ?? 0);
  const timescale = number(template, 'timescale') || 1;
  const offset = number(template, 'presentationTimeOffset');
  let next = offset;
  return Array.from(template?.querySelectorAll('S') ?? []).flatMap((segment) => {
    const start = segment.hasAttribute('t') ? number(segment, 't') : next;
    next = start + number(segment, 'd') * (number(segment, 'r') + 1);
    const time = Date.parse(segment.getAttributeNS(KVS, 'ts') ?? '');
    return Number.isNaN(time) ? [] : [{ position: (start - offset) / timescale, time }];
  });
}
