/** The shapes that every reader of media in this folder produces. */

/** A format of media that `openMedia` reads. */
export type MediaFormat = 'mp4' | 'mov' | 'mkv' | 'webm' | 'h264' | 'h265' | 'aac';

/** Which tracks to take. */
export type TrackSelection = 'all' | 'video' | 'audio';

/** How `openMedia` reads its source. */
export interface OpenMediaOptions {
  /**
   * Frames a second of an elementary H.264 or H.265 stream, over what the stream itself says.
   * Containers carry their own times and ignore it.
   */
  readonly frameRate?: number | undefined;
  /** The format, when the first bytes shall not decide. */
  readonly format?: MediaFormat | undefined;
  /** Take both tracks (default), or the video or the audio track only. */
  readonly tracks?: TrackSelection | undefined;
  /** Ends opening and reading; what is pending rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** One track of the media, described as Kinesis Video Streams wants to know it. */
export interface MediaTrack {
  /** 1 for the video track; the audio track is 2 beside video and 1 alone. */
  readonly trackId: number;
  /** What the track holds. */
  readonly trackType: 'video' | 'audio';
  /** `h264`, `h265`, `aac`, `vp8`, `opus`, …; the codec id in lower case when it has no such name. */
  readonly codec: string;
  /** The Matroska codec id, such as `V_MPEG4/ISO/AVC`. */
  readonly codecId: string;
  /** What the file calls the track, when it has a name for it. */
  readonly trackName?: string;
  /**
   * The bytes as the file holds them: avcC, hvcC, AudioSpecificConfig or the CodecPrivate of
   * Matroska. Absent for Annex-B streams, whose parameter sets travel with the frames.
   */
  readonly codecPrivateData?: Uint8Array;
  /** Pixels of the shown picture. */
  readonly width?: number;
  /** Pixels of the shown picture. */
  readonly height?: number;
  /** Hertz. */
  readonly samplingFrequency?: number;
  /** Channels of sound. */
  readonly channels?: number;
  /** Bits of a sample. */
  readonly bitDepth?: number;
}

/** One encoded frame of one track. */
export interface MediaPacket {
  /** The `trackId` of a track of the media. */
  readonly trackId: number;
  /**
   * The payload as the source holds it, byte by byte. A view of a larger read buffer: copy it to
   * keep it for long.
   */
  readonly data: Uint8Array;
  /** Whether decoding can start here. True for every audio packet. */
  readonly keyFrame: boolean;
  /**
   * Milliseconds on the time line of the source; fractions and negative times occur. Of Opus it is
   * the time that an encoder gives a packet, which the pre-skip in `codecPrivateData` makes players
   * subtract.
   */
  readonly presentationTs: number;
  /** Milliseconds; never decreases from one packet of a track to the next. */
  readonly decodingTs: number;
  /** Milliseconds; 0 when the source does not tell. */
  readonly duration: number;
}

/** A track that is in the source and left out, and why. */
export interface SkippedTrack {
  /** What the track holds. */
  readonly trackType: 'video' | 'audio' | 'other';
  /** The name that the container has for the codec. */
  readonly codec: string;
  /** A clause such as "its codec cannot be sent". */
  readonly reason: string;
}

/** Opened media: what it holds, and its packets in the order to send them. */
export interface MediaInput extends AsyncDisposable {
  /** The format that was given or recognized. */
  readonly format: MediaFormat;
  /** At most one video track, then at most one audio track. */
  readonly tracks: readonly MediaTrack[];
  /** The tracks of the source that are left out. */
  readonly skippedTracks: readonly SkippedTrack[];
  /** Whether NAL units of the video track follow start codes instead of lengths. */
  readonly annexB: boolean;
  /** The media type of the stream, such as `video/h264,audio/aac`. */
  readonly contentType: string;
  /** Milliseconds, when the source says so up front. */
  readonly duration?: number;
  /** Frames a second that times are made from; elementary video streams only. */
  readonly frameRate?: number;
  /** Set to the frame rate when neither the options nor the stream told it and 25 was taken. */
  readonly assumedFrameRate?: number;
  /**
   * The packets of all tracks, ordered so that fragments that begin at video key frames never
   * overlap in time. Can be called once. Throws KinesisVideoError when the source is damaged or
   * cut off, after the packets before that point.
   */
  packets(): AsyncIterable<MediaPacket>;
  /** Releases the source and ends `packets()`. A stream given as the source is destroyed. */
  close(): Promise<void>;
}
