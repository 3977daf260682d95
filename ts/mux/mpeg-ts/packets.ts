/** Cutting payloads into transport packets (ISO/IEC 13818-1 clause 2.4.3). */
import { join, u32, u8 } from '../bytes.js';

const PACKET_BYTES = 188;
const HEADER_BYTES = 4;
const SYNC_BYTE = 0x47;
const STUFFING = 0xff;
const CLOCK_RANGE = 2 ** 33;
const FLAG = { DISCONTINUITY: 0x80, RANDOM_ACCESS: 0x40, CLOCK: 0x10 } as const;

/** What the first packet of a payload tells besides. */
export interface PayloadStart {
  /** The program's clock in units of 90 kHz. */
  readonly clock?: number;
  /** Decoding can begin here. */
  readonly randomAccess?: boolean;
}

/** Collects the packets of one segment. */
export class PacketWriter {
  readonly #packets: Uint8Array[] = [];
  readonly #counters = new Map<number, number>();

  /** Adds a table, which has packets of its own. */
  addSection(pid: number, section: Uint8Array): void {
    const packet = new Uint8Array(PACKET_BYTES).fill(STUFFING);
    packet.set(this.#header(pid, true, false));
    packet.set(section, HEADER_BYTES);
    this.#packets.push(packet);
  }

  /** Adds a PES packet. */
  addPayload(pid: number, payload: Uint8Array, start: PayloadStart): void {
    let at = 0;
    do {
      const fields = at === 0 ? this.#fields(pid, start) : undefined;
      const packet = new Uint8Array(PACKET_BYTES);
      const taken = fill(packet, payload.subarray(at), fields);
      const adapted = taken < PACKET_BYTES - HEADER_BYTES;
      packet.set(this.#header(pid, at === 0, adapted));
      this.#packets.push(packet);
      at += taken;
    } while (at < payload.length);
  }

  /** All packets so far. */
  take(): Uint8Array {
    return join(this.#packets);
  }

  #header(pid: number, isStart: boolean, adapted: boolean): Uint8Array {
    const counter = this.#counters.get(pid) ?? 0;
    this.#counters.set(pid, (counter + 1) & 15);
    const control = adapted ? 0x30 : 0x10;
    return u8(SYNC_BYTE, (isStart ? 0x40 : 0) | (pid >> 8), pid & 0xff, control | counter);
  }

  /** The content of an adaptation field. */
  #fields(pid: number, { clock, randomAccess = false }: PayloadStart): Uint8Array | undefined {
    // Each segment counts its packets from 0, which the one before did not end with.
    const isFirst = !this.#counters.has(pid);
    const flags =
      (isFirst ? FLAG.DISCONTINUITY : 0) |
      (randomAccess ? FLAG.RANDOM_ACCESS : 0) |
      (clock === undefined ? 0 : FLAG.CLOCK);
    if (flags === 0) return undefined;
    return clock === undefined ? u8(flags) : join([u8(flags), clockReference(clock)]);
  }
}

/** Writes what fits behind the header, stuffed at its front; returns the bytes of `payload` taken. */
function fill(packet: Uint8Array, payload: Uint8Array, fields: Uint8Array | undefined): number {
  const room = PACKET_BYTES - HEADER_BYTES;
  const needed = fields === undefined ? 0 : 1 + fields.length;
  const taken = Math.min(payload.length, room - needed);
  const adaptation = room - taken;
  if (adaptation > 0) {
    packet[HEADER_BYTES] = adaptation - 1;
    packet.fill(STUFFING, HEADER_BYTES + 1, HEADER_BYTES + adaptation);
    if (adaptation > 1) packet.set(fields ?? u8(0), HEADER_BYTES + 1);
  }
  packet.set(payload.subarray(0, taken), HEADER_BYTES + adaptation);
  return taken;
}

/** 33 bits of 90 kHz, 6 reserved bits, and 9 bits of 27 MHz that stay 0. */
function clockReference(clock: number): Uint8Array {
  const wrapped = ((clock % CLOCK_RANGE) + CLOCK_RANGE) % CLOCK_RANGE;
  return join([u32(Math.floor(wrapped / 2)), u8(wrapped % 2 === 1 ? 0xfe : 0x7e, 0)]);
}
