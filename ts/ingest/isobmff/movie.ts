/** The index of an ISO base media file, its moov box (ISO/IEC 14496-12 clause 8.2). */
import { BoxError, BoxTable, childBoxes, findBox, fullBox, readUint64 } from './box.js';
import { readSampleEntry, type SampleEntry } from './sample-entry.js';

/** One track. */
export interface IsoTrack {
  readonly id: number;
  readonly trackType: 'video' | 'audio' | 'other';
  /** What kind of track it is, as the file says: `vide`, `soun`, `text`, … */
  readonly handler: string;
  readonly entry: SampleEntry | undefined;
  /** Units of time a second. */
  readonly timeScale: number;
  /** Units from the start of the track to time 0: the edit list. */
  readonly origin: number;
  /** The content of its stbl box. */
  readonly sampleTable: Buffer;
}

/** What holds for samples of a fragment that say nothing else (clause 8.8.3). */
export interface FragmentDefaults {
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

/** What the index says. */
export interface Movie {
  readonly tracks: readonly IsoTrack[];
  /** Set for files that go on in fragments; by id of the track. */
  readonly fragmentDefaults: ReadonlyMap<number, FragmentDefaults> | undefined;
  /** Milliseconds, when told. */
  readonly duration: number | undefined;
}

const HANDLERS: Readonly<Record<string, 'video' | 'audio'>> = { vide: 'video', soun: 'audio' };
const UNKNOWN_DURATIONS = [0, 0xffff_ffff, 2 ** 64];

/** Reads the content of a moov box. Throws BoxError or RangeError when it is damaged. */
export function readMovie(moov: Buffer): Movie {
  const mvhd = findBox(moov, 'mvhd');
  if (mvhd === undefined) throw new BoxError('its index has no header');
  const header = readTimes(mvhd);
  const tracks: IsoTrack[] = [];
  for (const { type, data } of childBoxes(moov)) {
    if (type === 'trak') tracks.push(readTrack(data, header.timeScale));
  }
  const mvex = findBox(moov, 'mvex');
  const units = (mvex && readFragmentDuration(mvex)) ?? header.duration;
  return {
    tracks,
    fragmentDefaults: mvex && readFragmentDefaults(mvex),
    duration: UNKNOWN_DURATIONS.includes(units) ? undefined : (units * 1000) / header.timeScale,
  };
}

/** The time scale and duration that mvhd and mdhd boxes begin with (clauses 8.2.2 and 8.4.2). */
function readTimes(box: Buffer): { timeScale: number; duration: number } {
  const { version, data } = fullBox(box);
  const timeScale = data.readUInt32BE(version === 1 ? 16 : 8);
  if (timeScale === 0) throw new BoxError('its index has a time scale of 0');
  return { timeScale, duration: version === 1 ? readUint64(data, 20) : data.readUInt32BE(12) };
}

function readTrack(trak: Buffer, movieTimeScale: number): IsoTrack {
  const tkhd = fullBox(requireBox(trak, 'tkhd'));
  const mdia = requireBox(trak, 'mdia');
  const handler = requireBox(mdia, 'hdlr').toString('latin1', 8, 12);
  const { timeScale } = readTimes(requireBox(mdia, 'mdhd'));
  const sampleTable = requireBox(requireBox(mdia, 'minf'), 'stbl');
  const trackType = HANDLERS[handler];
  const edits = findBox(trak, 'edts');
  const list = edits && findBox(edits, 'elst');
  return {
    id: tkhd.data.readUInt32BE(tkhd.version === 1 ? 16 : 8),
    trackType: trackType ?? 'other',
    handler,
    entry: trackType && readSampleEntry(requireBox(sampleTable, 'stsd'), trackType),
    timeScale,
    origin: list === undefined ? 0 : readOrigin(list, timeScale / movieTimeScale),
    sampleTable,
  };
}

function requireBox(data: Buffer, type: string): Buffer {
  const box = findBox(data, type);
  if (box === undefined) throw new BoxError(`its index lacks a box "${type}"`);
  return box;
}

/**
 * Reads an edit list (clause 8.6.6): empty edits delay the track, the first other one says which
 * time of the track is then shown. Further edits would cut the track and are not followed.
 */
function readOrigin(elst: Buffer, unitsPerMovieUnit: number): number {
  const { version, data } = fullBox(elst);
  const large = version === 1;
  const edits = new BoxTable(data, large ? 20 : 12);
  let delay = 0;
  for (let index = 0; index < edits.count; index += 1) {
    const duration = large ? edits.uint64(index) : edits.uint32(index);
    const mediaTime = large
      ? edits.int32(index, 8) * 2 ** 32 + edits.uint32(index, 12)
      : edits.int32(index, 4);
    if (mediaTime >= 0) return mediaTime - Math.round(delay * unitsPerMovieUnit);
    delay += duration;
  }
  return 0;
}

function readFragmentDuration(mvex: Buffer): number | undefined {
  const mehd = findBox(mvex, 'mehd');
  if (mehd === undefined) return undefined;
  const { version, data } = fullBox(mehd);
  return version === 1 ? readUint64(data, 0) : data.readUInt32BE(0);
}

function readFragmentDefaults(mvex: Buffer): Map<number, FragmentDefaults> {
  const defaults = new Map<number, FragmentDefaults>();
  for (const { type, data: box } of childBoxes(mvex)) {
    if (type !== 'trex') continue;
    const { data } = fullBox(box);
    const [duration, size, flags] = [8, 12, 16].map((at) => data.readUInt32BE(at));
    defaults.set(data.readUInt32BE(0), {
      duration: duration ?? 0,
      size: size ?? 0,
      flags: flags ?? 0,
    });
  }
  return defaults;
}
