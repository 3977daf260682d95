/** Makes media that are damaged or unusual out of the fixtures. */
import { openSync, closeSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { EbmlReader, ElementId, type EbmlElement } from '../../ts/parser/index.js';
import { fixture } from './kvs.js';

const FILLER_NAL = 12;
const IDR_SLICE = 5;
const SLICE = 1;

/** The NAL units of a fixture with start codes; each has its start code in front. */
function nalUnits(name: string): Buffer[] {
  const bytes = readFileSync(fixture(name));
  const starts: number[] = [];
  const code = Buffer.of(0, 0, 1);
  for (let at = bytes.indexOf(code); at >= 0; at = bytes.indexOf(code, at + 3)) {
    starts.push(at > 0 && bytes[at - 1] === 0 ? at - 1 : at);
  }
  return starts.map((start, index) => bytes.subarray(start, starts[index + 1] ?? bytes.length));
}

function nalType(unit: Buffer): number {
  return (unit[unit.indexOf(1) + 1] ?? 0) & 31;
}

/** H.264 whose first picture is not a key frame. */
export function withoutFirstKeyFrame(path: string): void {
  const units = nalUnits('h264-baseline.h264');
  const first = units.findIndex((unit) => nalType(unit) === IDR_SLICE);
  writeFileSync(path, Buffer.concat(units.filter((_unit, index) => index !== first)));
}

/**
 * H.264 of the given size, made of a fixture that repeats, with `fillerBytes` of filler data behind
 * each picture.
 */
export function largeH264(path: string, size: number, fillerBytes: number): void {
  const filler = Buffer.alloc(fillerBytes, 0xff);
  filler.set([0, 0, 0, 1, FILLER_NAL]);
  filler[fillerBytes - 1] = 0x80;
  const group = Buffer.concat(
    nalUnits('h264-baseline.h264').flatMap((unit) => {
      const type = nalType(unit);
      return type === SLICE || type === IDR_SLICE ? [unit, filler] : [unit];
    }),
  );
  const file = openSync(path, 'w');
  for (let written = 0; written < size;) written += writeSync(file, group);
  closeSync(file);
}

/** A Matroska file whose CodecPrivate of the video track has become a Void element. */
export function withoutCodecPrivate(path: string): void {
  const bytes = readFileSync(fixture('h264-aac.mkv'));
  const {
    offset,
    headerSize,
    size = 0,
  } = findElements(bytes, ElementId.CodecPrivate)[0] as EbmlElement;
  // The id has one byte instead of two, which the size makes up for.
  bytes.writeUInt8(0xec, offset);
  bytes.writeUIntBE(size + 2 ** (7 * (headerSize - 1)), offset + 1, headerSize - 1);
  writeFileSync(path, bytes);
}

/** A Matroska file whose first cluster comes again behind the last one. */
export function withTimesRunningBackwards(path: string): void {
  const bytes = readFileSync(fixture('h264-aac.mkv'));
  const [segment] = findElements(bytes, ElementId.Segment);
  const clusters = findElements(bytes, ElementId.Cluster);
  const again = bytes.subarray(clusters[0]?.offset, endOf(clusters[0]));
  const end = endOf(clusters.at(-1));
  // The size of the Segment takes the last six of the bytes of its header.
  const sizeAt = (segment?.offset ?? 0) + (segment?.headerSize ?? 0) - 6;
  bytes.writeUIntBE((segment?.size ?? 0) + again.length, sizeAt, 6);
  writeFileSync(path, Buffer.concat([bytes.subarray(0, end), again, bytes.subarray(end)]));
}

function endOf(element: EbmlElement | undefined): number {
  return (element?.offset ?? 0) + (element?.headerSize ?? 0) + (element?.size ?? 0);
}

function findElements(bytes: Buffer, id: number): EbmlElement[] {
  const found: EbmlElement[] = [];
  new EbmlReader({
    start: (element) => {
      if (element.id === id) found.push(element);
    },
  }).push(bytes);
  return found;
}
