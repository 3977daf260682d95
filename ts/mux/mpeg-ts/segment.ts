/** Segments of MPEG-TS (RFC 8216 section 3.2). */
import type { MuxSample, TrackSamples } from '../samples.js';
import type { MuxTrack } from '../track.js';
import { elementaryFrame } from './elementary.js';
import { PacketWriter } from './packets.js';
import { pesPacket } from './pes.js';
import { programAssociation, programMap } from './sections.js';

const PID = { PAT: 0, PMT: 0x1000, FIRST_TRACK: 0x100 } as const;
const STREAM_TYPE = { AAC: 0x0f, H264: 0x1b } as const;
const STREAM_ID = { AUDIO: 0xc0, VIDEO: 0xe0 } as const;
const CLOCK_RATE = 90_000;
/** The clock runs this much ahead of decoding: 0.7 s for a receiver to fill its buffer. */
const CLOCK_LEAD = 63_000;

interface Unit {
  readonly track: MuxTrack;
  readonly sample: MuxSample;
  readonly seconds: number;
}

/**
 * A segment that can be decoded by itself: the tables, then every sample in a PES packet of its
 * own. Throws MuxError for codecs and frames that MPEG-TS does not carry.
 */
export function transportSegment(tracks: readonly TrackSamples[]): Uint8Array {
  const writer = new PacketWriter();
  const clockTrack = tracks.find(({ track }) => track.type === 'video') ?? tracks[0];
  const clockPid = pidOf(clockTrack?.track);
  writer.addSection(PID.PAT, programAssociation(PID.PMT));
  const streams = tracks.map(({ track }) => ({
    pid: pidOf(track),
    streamType: track.type === 'video' ? STREAM_TYPE.H264 : STREAM_TYPE.AAC,
  }));
  writer.addSection(PID.PMT, programMap(clockPid, streams));
  for (const unit of interleave(tracks)) addUnit(writer, unit, clockPid);
  return writer.take();
}

/** All samples in the order of their decode times. */
function interleave(tracks: readonly TrackSamples[]): Unit[] {
  const units = tracks.flatMap(({ track, samples }) => {
    return samples.map((sample) => {
      return { track, sample, seconds: sample.decodeTime / track.timescale.ticksPerSecond };
    });
  });
  return units.sort((a, b) => a.seconds - b.seconds);
}

function addUnit(writer: PacketWriter, { track, sample }: Unit, clockPid: number): void {
  const pid = pidOf(track);
  const factor = CLOCK_RATE / track.timescale.ticksPerSecond;
  const decodeTime = Math.round(sample.decodeTime * factor);
  const packet = pesPacket({
    streamId: track.type === 'video' ? STREAM_ID.VIDEO : STREAM_ID.AUDIO,
    presentationTime: Math.round(sample.presentationTime * factor),
    decodeTime,
    data: elementaryFrame(track, sample),
  });
  writer.addPayload(pid, packet, {
    randomAccess: sample.keyFrame,
    ...(pid === clockPid && { clock: decodeTime - CLOCK_LEAD }),
  });
}

function pidOf(track: MuxTrack | undefined): number {
  return PID.FIRST_TRACK + (track?.id ?? 0);
}
