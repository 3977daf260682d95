import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { openMedia, type MediaTrack } from '../../ingest/index.js';

/** A thing that was checked; `passed` is undefined when it could not be. */
export interface Check {
  readonly passed: boolean | undefined;
  readonly text: string;
}

/** What is compared of a packet. */
interface Print {
  readonly hash: string;
  readonly presentationTs: number;
  readonly keyFrame: boolean;
}

interface MediaPrints {
  readonly tracks: readonly MediaTrack[];
  /** By the type of their track. */
  readonly packets: ReadonlyMap<string, readonly Print[]>;
}

/** Half of a Matroska timecode, in milliseconds, and what a double loses of an epoch time. */
const TOLERANCE = 0.501;

/**
 * Compares two files packet by packet, track by track.
 *
 * @param shift - milliseconds by which the times of the copy are later
 */
export async function compareMedia(
  original: string,
  copy: string,
  shift: number,
): Promise<readonly Check[]> {
  const wanted = await readPrints(original);
  const found = await readPrints(copy);
  const codecs = ({ tracks }: MediaPrints): string =>
    tracks.map(({ codec }) => codec).join(' and ');
  const checks: Check[] = [
    { passed: codecs(wanted) === codecs(found), text: `the tracks are ${codecs(found)}` },
  ];
  for (const { trackType } of wanted.tracks) {
    const before = wanted.packets.get(trackType) ?? [];
    const after = found.packets.get(trackType) ?? [];
    checks.push(comparePackets(trackType, before, after, shift));
  }
  return checks;
}

function comparePackets(
  trackType: string,
  before: readonly Print[],
  after: readonly Print[],
  shift: number,
): Check {
  const differences = before.flatMap((packet, index) => {
    const difference = differenceOf(packet, after[index], shift);
    return difference === undefined ? [] : [`packet ${index} ${difference}`];
  });
  const passed = differences.length === 0 && before.length === after.length;
  const text = passed
    ? `all ${before.length} ${trackType} packets came back byte for byte, at their times`
    : `of ${before.length} ${trackType} packets ${after.length} came back; ${differences[0] ?? 'all are the same'}`;
  return { passed, text };
}

/** What is wrong with a packet that came back; undefined when nothing is. */
function differenceOf(before: Print, after: Print | undefined, shift: number): string | undefined {
  if (after === undefined) return 'is missing';
  if (after.hash !== before.hash) return 'has other bytes';
  if (after.keyFrame !== before.keyFrame) return 'has another key frame flag';
  const late = after.presentationTs - shift - before.presentationTs;
  return Math.abs(late) > TOLERANCE ? `is ${late} ms off` : undefined;
}

async function readPrints(path: string): Promise<MediaPrints> {
  const media = await openMedia(path);
  const packets = new Map<string, Print[]>();
  for await (const { trackId, data, presentationTs, keyFrame } of media.packets()) {
    const type = media.tracks.find((track) => track.trackId === trackId)?.trackType ?? '';
    const hash = createHash('sha256').update(data).digest('hex');
    const list = packets.get(type) ?? [];
    list.push({ hash, presentationTs, keyFrame });
    packets.set(type, list);
  }
  return { tracks: media.tracks, packets };
}

/** Has ffmpeg, when it is installed, decode everything in a file. */
export function decodesSilently(path: string): Check {
  const args = ['-v', 'warning', '-i', path, '-f', 'null', '-'];
  const { error, status, stderr } = spawnSync('ffmpeg', args, { encoding: 'utf8' });
  if (error !== undefined) return { passed: undefined, text: 'ffmpeg is not installed' };
  const complaint = stderr.trim().split('\n', 1)[0] ?? '';
  return status === 0 && complaint === ''
    ? { passed: true, text: 'ffmpeg decodes it without a word' }
    : { passed: false, text: `ffmpeg says: ${complaint}` };
}
