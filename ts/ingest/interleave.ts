/**
 * Merges the packets of a video and an audio track into the order that Kinesis Video Streams
 * accepts. A fragment begins at each video key frame, and its earliest packet must be later than
 * the latest of the fragment before (error 4004), compared in whole timecodes of one millisecond.
 */
import type { MediaPacket, MediaTrack } from './types.js';

/** No codec reorders further: pictures shown before a key frame are among the next ones. */
const MAX_LEADING = 64;

/** How much may be held for a track that gives nothing, before the other one goes on alone. */
export interface HoldLimits {
  /** Milliseconds of one track. */
  readonly time: number;
  /** Bytes of all tracks. */
  readonly bytes: number;
}

const UNLIMITED: HoldLimits = { time: Infinity, bytes: Infinity };
/** A fragment of MP4 holds all of its video before its audio, and can be as long as a group of pictures. */
const MIXED_LIMITS: HoldLimits = { time: 30_000, bytes: 64 * 1024 * 1024 };

/**
 * The timecode of a presentation time in milliseconds: rounded to a nanosecond, then half up to a
 * millisecond. A start time that is added later in whole milliseconds does not change the order.
 */
export function timecodeOf(presentationTs: number): number {
  const whole = Math.floor(presentationTs);
  const nanoseconds = Math.round((presentationTs - whole) * 1e6);
  return nanoseconds >= 500_000 ? whole + 1 : whole;
}

/** Packets of one track in decoding order, and whether there are more to come. */
class Lane {
  readonly packets: MediaPacket[] = [];
  ended = false;
  bytes = 0;

  push(packet: MediaPacket): void {
    this.packets.push(packet);
    this.bytes += packet.data.length;
  }

  shift(): MediaPacket | undefined {
    const packet = this.packets.shift();
    this.bytes -= packet?.data.length ?? 0;
    return packet;
  }

  /** Milliseconds of media held. */
  get span(): number {
    const first = this.packets[0];
    const last = this.packets.at(-1);
    return first && last ? last.decodingTs - first.decodingTs : 0;
  }
}

/**
 * Decides which packet is next. Packets of a track go in and come out in decoding order; of two
 * tracks, the rules are:
 *
 * - up to the first video key frame, video goes first: audio before it would have no fragment;
 * - at each later key frame, audio whose timecode is below the earliest one of the group of
 *   pictures (which, in an open group, a picture after the key frame has) goes before it, all
 *   other audio after it;
 * - in between, the packet that is decoded first, and of two at the same time the video.
 */
export class Interleaver {
  readonly #video: Lane | undefined;
  readonly #audio: Lane | undefined;
  readonly #lanes = new Map<number, Lane>();
  readonly #limits: HoldLimits;
  #started = false;
  #wanted: Lane | undefined;

  /**
   * @param tracks - at most one of each type
   * @param limits - none unless told; needed when packets come whether they are wanted or not
   */
  constructor(tracks: readonly MediaTrack[], limits: HoldLimits = UNLIMITED) {
    for (const { trackId } of tracks) this.#lanes.set(trackId, new Lane());
    const laneOf = (type: MediaTrack['trackType']): Lane | undefined => {
      const track = tracks.find(({ trackType }) => trackType === type);
      return track && this.#lanes.get(track.trackId);
    };
    this.#video = laneOf('video');
    this.#audio = laneOf('audio');
    this.#limits = limits;
  }

  /** After `take` gave nothing: the track whose next packet decides; undefined at the end. */
  get wanted(): number | undefined {
    for (const [trackId, lane] of this.#lanes) {
      if (lane === this.#wanted) return trackId;
    }
    return undefined;
  }

  /** Adds the next packet of a track. */
  push(packet: MediaPacket): void {
    this.#lanes.get(packet.trackId)?.push(packet);
  }

  /** Says that a track, or without an argument every track, has no more packets. */
  end(trackId?: number): void {
    for (const [id, lane] of this.#lanes) {
      if (trackId === undefined || id === trackId) lane.ended = true;
    }
  }

  /** The next packet, or undefined when more must be pushed first or all have come out. */
  take(): MediaPacket | undefined {
    this.#wanted = undefined;
    const lane = this.#choose();
    const packet = lane?.shift();
    if (packet === undefined) {
      if (lane !== undefined && !lane.ended) this.#wanted = lane;
      return undefined;
    }
    if (lane === this.#video && packet.keyFrame) this.#started = true;
    return packet;
  }

  /** The lane to take from; undefined when that depends on what is still to come. */
  #choose(): Lane | undefined {
    const video = this.#video;
    const audio = this.#audio;
    if (video === undefined || audio === undefined) return video ?? audio;
    const [picture] = video.packets;
    if (picture === undefined) return this.#mustWait(video) ? undefined : audio;
    if (!this.#started) return video;

    let limit = Math.min(picture.decodingTs, picture.presentationTs);
    if (picture.keyFrame) {
      const earliest = this.#earliestTime(video, picture);
      if (earliest === undefined) return undefined;
      limit = timecodeOf(earliest);
    }
    const [sound] = audio.packets;
    if (sound === undefined) return this.#mustWait(audio) ? undefined : video;
    const { presentationTs } = sound;
    return (picture.keyFrame ? timecodeOf(presentationTs) : presentationTs) < limit ? audio : video;
  }

  /** Whether a lane without packets may still get some, and not too much is held for it. */
  #mustWait(lane: Lane): boolean {
    if (lane.ended) return false;
    let bytes = 0;
    let time = 0;
    for (const other of this.#lanes.values()) {
      bytes += other.bytes;
      time = Math.max(time, other.span);
    }
    if (bytes > this.#limits.bytes || time > this.#limits.time) return false;
    this.#wanted = lane;
    return true;
  }

  /**
   * The presentation time of the key frame, or of the earliest picture that follows it and is
   * shown before it. Undefined when that is still to come.
   */
  #earliestTime(video: Lane, key: MediaPacket): number | undefined {
    let earliest = key.presentationTs;
    for (let at = 1; at <= MAX_LEADING; at += 1) {
      const packet = video.packets[at];
      if (packet === undefined) return this.#mustWait(video) ? undefined : earliest;
      if (packet.keyFrame || packet.presentationTs > key.presentationTs) break;
      earliest = Math.min(earliest, packet.presentationTs);
    }
    return earliest;
  }
}

/**
 * Merges packets that come already mixed, as in a container that is read in one go.
 *
 * @param batches - of all tracks, the packets of each track in decoding order. When it throws,
 * what came before comes out first
 */
export async function* interleaveMixed(
  batches: AsyncIterable<readonly MediaPacket[]>,
  tracks: readonly MediaTrack[],
): AsyncGenerator<MediaPacket[], void> {
  const interleaver = new Interleaver(tracks, MIXED_LIMITS);
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const batch of batches) {
      yield batch.flatMap((packet) => {
        interleaver.push(packet);
        return drain(interleaver);
      });
    }
  } catch (error) {
    failure = { error };
  }
  interleaver.end();
  yield drain(interleaver);
  if (failure !== undefined) throw failure.error;
}

/**
 * Merges packets that can be had track by track, and reads of each track only what the decision
 * needs.
 *
 * @param next - gives the next packet of a track, or undefined at its end
 */
export async function* interleaveTracks(
  next: (trackId: number) => Promise<MediaPacket | undefined>,
  tracks: readonly MediaTrack[],
): AsyncGenerator<MediaPacket[], void> {
  const interleaver = new Interleaver(tracks);
  for (;;) {
    const ready = drain(interleaver);
    if (ready.length > 0) yield ready;
    const { wanted } = interleaver;
    if (wanted === undefined) return;
    const packet = await next(wanted);
    if (packet === undefined) interleaver.end(wanted);
    else interleaver.push(packet);
  }
}

/** All packets that can be told now. */
function drain(interleaver: Interleaver): MediaPacket[] {
  const ready: MediaPacket[] = [];
  for (;;) {
    const packet = interleaver.take();
    if (packet === undefined) return ready;
    ready.push(packet);
  }
}
