/** The namespace of what the service adds to manifests. */
const KVS = 'urn:amazon:kinesis-video-streams';

interface Placed {
  /** Where a fragment begins in the presentation, in seconds. */
  readonly position: number;
  /** When it was put, in epoch milliseconds. */
  readonly time: number;
}

/**
 * Finds out when the fragments of a DASH presentation on demand were put: such a manifest has no clock,
 * but the service notes the time of each fragment. Undefined for a live one.
 *
 * @returns the time (epoch ms) at a position (seconds)
 */
export async function manifestTimes(
  url: string,
): Promise<((position: number) => number | undefined) | undefined> {
  const text = await (await fetch(url)).text();
  const manifest = new DOMParser().parseFromString(text, 'application/xml');
  if (manifest.documentElement.getAttribute('type') === 'dynamic') return undefined;
  const placed = readTimeline(manifest);
  return (position) => {
    const fragment = placed.findLast((one) => one.position <= position + EARLIER) ?? placed[0];
    return fragment && fragment.time + (position - fragment.position) * 1000;
  };
}

/** A position may lie a little before the fragment that it is meant for, by rounding; seconds. */
const EARLIER = 0.005;

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
