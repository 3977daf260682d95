/** Tracks of MP4 and MOV files as Kinesis Video Streams names them. */
import type { InputTrack } from 'mediabunny';
import type { Candidate } from '../select-tracks.js';
import type { MediaTrack } from '../types.js';

/** A track of the file that can be chosen. */
export interface IsoCandidate extends Candidate {
  readonly track: InputTrack;
}

/** What is sent from MP4 and MOV, by the names that mediabunny has. */
const SENDABLE: ReadonlyMap<string, { codec: string; codecId: string }> = new Map([
  ['avc', { codec: 'h264', codecId: 'V_MPEG4/ISO/AVC' }],
  ['hevc', { codec: 'h265', codecId: 'V_MPEGH/ISO/HEVC' }],
  ['aac', { codec: 'aac', codecId: 'A_AAC' }],
]);

/** Sample entries of protected tracks (ISO/IEC 14496-12 clause 8.12). */
const ENCRYPTED = ['encv', 'enca'];

/** Finds out whether a track can be sent. */
export async function candidateOf(track: InputTrack): Promise<IsoCandidate> {
  const trackType = track.type === 'subtitle' ? 'other' : track.type;
  const codec = await track.getCodec();
  const sampleEntry = String(await track.getInternalCodecId()).trim();
  if (ENCRYPTED.includes(sampleEntry)) {
    const obstacle = 'its frames are encrypted, and the service does not decrypt them';
    return { track, trackType, codec: codec ?? sampleEntry, obstacle };
  }
  if (codec !== null && SENDABLE.has(codec)) return { track, trackType, codec };
  const obstacle = 'from MP4 and MOV files, H.264, H.265 and AAC can be sent';
  return { track, trackType, codec: codec ?? sampleEntry, obstacle };
}

/** Describes a track that can be sent. */
export async function describeTrack(track: InputTrack, trackId: number): Promise<MediaTrack> {
  const names = SENDABLE.get((await track.getCodec()) ?? '') ?? { codec: '', codecId: '' };
  const name = await track.getName();
  const common = { trackId, ...names, ...(name !== null && name !== '' && { trackName: name }) };
  if (track.isVideoTrack()) {
    const config = await track.getDecoderConfig();
    return {
      ...common,
      trackType: 'video',
      ...privateData(config?.description),
      width: await track.getCodedWidth(),
      height: await track.getCodedHeight(),
    };
  }
  const audio = track.isAudioTrack() ? track : undefined;
  const config = await audio?.getDecoderConfig();
  return {
    ...common,
    trackType: 'audio',
    ...privateData(config?.description),
    ...(config && { samplingFrequency: config.sampleRate, channels: config.numberOfChannels }),
  };
}

/** @param description - an ArrayBuffer or a view, in the types of the DOM */
function privateData(description: unknown): Pick<MediaTrack, 'codecPrivateData'> {
  // Copies, so that the file's whole index is not kept for these few bytes.
  if (ArrayBuffer.isView(description)) {
    const { buffer, byteOffset, byteLength } = description;
    return { codecPrivateData: new Uint8Array(buffer, byteOffset, byteLength).slice() };
  }
  if (description instanceof ArrayBuffer) {
    return { codecPrivateData: new Uint8Array(description).slice() };
  }
  return {};
}
