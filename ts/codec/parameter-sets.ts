/** The decoder configuration records of H.264 and H.265 (ISO/IEC 14496-15 clauses 5.3.3.1 and 8.3.3.1). */

/** What avcC and hvcC have in common. */
export interface ParameterSets {
  /** Bytes of the length in front of each NAL unit of a frame: 1, 2 or 4. */
  readonly lengthSize: number;
  /** Video (H.265 only), sequence and picture parameter sets, in the order in which they are sent. */
  readonly vps: readonly Uint8Array[];
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
}

const CONFIGURATION_VERSION = 1;
const AVCC_FIXED_BYTES = 5;
const HVCC_FIXED_BYTES = 22;
const HEVC_TYPE = { VPS: 32, SPS: 33, PPS: 34 } as const;

/** Reads avcC. Undefined when it is not one, or lacks a parameter set. */
export function readAvcRecord(record: Uint8Array): ParameterSets | undefined {
  if (record[0] !== CONFIGURATION_VERSION || record.length <= AVCC_FIXED_BYTES) return undefined;
  const cursor = new RecordCursor(record, AVCC_FIXED_BYTES);
  const sps = cursor.units(cursor.byte() & 31);
  const pps = cursor.units(cursor.byte());
  return complete(cursor, { lengthSize: lengthSizeOf(record[4]), vps: [], sps, pps });
}

/** Reads hvcC. Undefined when it is not one, or lacks a parameter set. */
export function readHevcRecord(record: Uint8Array): ParameterSets | undefined {
  if (record[0] !== CONFIGURATION_VERSION || record.length <= HVCC_FIXED_BYTES) return undefined;
  const cursor = new RecordCursor(record, HVCC_FIXED_BYTES);
  const units = new Map<number, Uint8Array[]>();
  for (let left = cursor.byte(); left > 0 && !cursor.overrun; left -= 1) {
    const type = cursor.byte() & 63;
    units.set(type, [...(units.get(type) ?? []), ...cursor.units(cursor.short())]);
  }
  return complete(cursor, {
    lengthSize: lengthSizeOf(record[21]),
    vps: units.get(HEVC_TYPE.VPS) ?? [],
    sps: units.get(HEVC_TYPE.SPS) ?? [],
    pps: units.get(HEVC_TYPE.PPS) ?? [],
  });
}

function complete(cursor: RecordCursor, sets: ParameterSets): ParameterSets | undefined {
  const { sps, pps } = sets;
  return cursor.overrun || sps.length === 0 || pps.length === 0 ? undefined : sets;
}

function lengthSizeOf(byte: number | undefined): number {
  return ((byte ?? 0) & 3) + 1;
}

class RecordCursor {
  readonly #record: Uint8Array;
  #at: number;
  /** Whether something was read that is not there. */
  overrun = false;

  constructor(record: Uint8Array, at: number) {
    this.#record = record;
    this.#at = at;
  }

  byte(): number {
    const byte = this.#record[this.#at];
    this.#at += 1;
    if (byte === undefined) this.overrun = true;
    return byte ?? 0;
  }

  short(): number {
    return this.byte() * 256 + this.byte();
  }

  /** NAL units, each behind its 16-bit length. */
  units(count: number): Uint8Array[] {
    const units: Uint8Array[] = [];
    for (let index = 0; index < count && !this.overrun; index += 1) {
      const length = this.short();
      const end = this.#at + length;
      if (length === 0 || end > this.#record.length) this.overrun = true;
      else units.push(this.#record.subarray(this.#at, end));
      this.#at = end;
    }
    return units;
  }
}
