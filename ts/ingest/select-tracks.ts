/** Chooses the tracks to send among those of a container. */
import type { KinesisVideoError } from '../internal/errors.js';
import { mediaError, unsupported } from './errors.js';
import type { MediaTrack, SkippedTrack, TrackSelection } from './types.js';

/** A track of a container, as far as it matters for choosing. */
export interface Candidate {
  readonly trackType: 'video' | 'audio' | 'other';
  /** The name that the container has for the codec. */
  readonly codec: string;
  /** Why it cannot be sent, as a clause; undefined when it can. */
  readonly obstacle?: string | undefined;
}

/** The chosen ones, video first, and the rest. */
export interface TrackChoice<T extends Candidate> {
  readonly chosen: readonly T[];
  readonly skippedTracks: readonly SkippedTrack[];
}

const REMEDIES = {
  video: 'encode it anew with: ffmpeg -i INPUT -c:v libx264 -c:a aac OUTPUT.mp4',
  audio: 'encode it anew with: ffmpeg -i INPUT -c:v copy -c:a aac OUTPUT.mp4',
};

/**
 * Takes the first video and the first audio track that can be sent, or only one kind. Audio that
 * cannot be sent is left out beside video; video that cannot be sent is an error, since sound
 * without it is not what anybody means.
 *
 * @param name - of the source, for messages
 * @throws KinesisVideoError STATUS_NOT_FOUND without a track of the kind, STATUS_NOT_IMPLEMENTED
 * when none of them can be sent
 */
export function selectTracks<T extends Candidate>(
  name: string,
  candidates: readonly T[],
  selection: TrackSelection,
): TrackChoice<T> {
  const ofType = (type: MediaTrack['trackType']): T[] => {
    return selection === 'all' || selection === type
      ? candidates.filter(({ trackType }) => trackType === type)
      : [];
  };
  const video = firstSendable(ofType('video'));
  const audio = firstSendable(ofType('audio'));
  for (const type of ['video', 'audio'] as const) {
    const [blocked] = ofType(type);
    const found = type === 'video' ? video : (video ?? audio);
    if (blocked !== undefined && found === undefined) throw cannotSend(name, type, blocked);
  }
  if (video === undefined && audio === undefined) throw notFound(name, selection);
  const chosen = [video, audio].filter((track) => track !== undefined);
  const skippedTracks = candidates
    .filter((candidate) => !chosen.includes(candidate))
    .map((candidate) => describe(candidate, selection));
  return { chosen, skippedTracks };
}

/** Our number for each chosen track: 1 for the first, 2 for audio beside video. */
export function trackIdAt(index: number): number {
  return index + 1;
}

function firstSendable<T extends Candidate>(candidates: readonly T[]): T | undefined {
  return candidates.find(({ obstacle }) => obstacle === undefined);
}

function describe({ trackType, codec, obstacle }: Candidate, selection: TrackSelection) {
  const unwanted = selection !== 'all' && trackType !== selection;
  const fallback = unwanted ? `only ${selection} was asked for` : 'one track of a kind is sent';
  const reason = trackType === 'other' ? 'it is neither video nor audio' : (obstacle ?? fallback);
  return { trackType, codec, reason };
}

function cannotSend(name: string, type: 'video' | 'audio', { codec, obstacle }: Candidate) {
  return unsupported(`The ${type} of ${name} is ${codec}: ${obstacle ?? ''}; ${REMEDIES[type]}.`, {
    source: name,
    codec,
  });
}

function notFound(name: string, selection: TrackSelection): KinesisVideoError {
  const kind = selection === 'all' ? 'video or audio' : selection;
  return mediaError(
    'STATUS_NOT_FOUND',
    `${name} has no ${kind} track; give a file with ${kind}, or choose other tracks.`,
    { source: name, tracks: selection },
  );
}
