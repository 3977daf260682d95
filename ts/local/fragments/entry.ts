/** What is known about one fragment without opening its file: an entry of the index. */
export interface FragmentEntry {
  readonly number: string;
  /** Milliseconds since the Unix epoch, fractions possible. */
  readonly producerTimestamp: number;
  readonly serverTimestamp: number;
  /** The Cluster's timestamp as sent, in units of the Segment's scale. */
  readonly timecode: number;
  /** Milliseconds from the first frame to the end of the last. */
  readonly duration: number;
  /** Frames of all tracks. */
  readonly frames: number;
  /** Bytes of the file. */
  readonly size: number;
  /** Where in the file the Cluster begins. */
  readonly clusterOffset: number;
}
