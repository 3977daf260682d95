import { ElementId } from './elements.js';
import { MatroskaError } from './errors.js';
import { readDate, readFloat, readString, readUnsigned } from './values.js';
import { children } from './walk.js';

/** What a Segment says about itself (RFC 9559 section 5.1.2). */
export interface SegmentInfo {
  /** Nanoseconds per unit of every timestamp; 1,000,000 when absent. */
  timestampScale: number;
  /** Units of the scale. */
  duration?: number;
  /** Its title. */
  title?: string;
  /** The library that has written it. */
  muxingApp?: string;
  /** The program that has written it. */
  writingApp?: string;
  /** Milliseconds since the Unix epoch. */
  date?: number;
}

/** The scale of a Segment without one: a timestamp is in milliseconds. */
export const DEFAULT_TIMESTAMP_SCALE = 1_000_000;

/** Reads the content of an Info element. Throws MatroskaError when it is invalid. */
export function readInfo(content: Uint8Array): SegmentInfo {
  const info: SegmentInfo = { timestampScale: DEFAULT_TIMESTAMP_SCALE };
  for (const { id, data } of children(content)) {
    if (id === ElementId.TimestampScale) info.timestampScale = readUnsigned(data);
    else if (id === ElementId.Duration) info.duration = readFloat(data);
    else if (id === ElementId.Title) info.title = readString(data);
    else if (id === ElementId.MuxingApp) info.muxingApp = readString(data);
    else if (id === ElementId.WritingApp) info.writingApp = readString(data);
    else if (id === ElementId.DateUTC) info.date = readDate(data);
  }
  if (info.timestampScale === 0) {
    throw new MatroskaError('INVALID_VALUE', 'TimestampScale is 0; it must be at least 1 ns');
  }
  return info;
}
