/** Names of codecs as the `codecs` parameter of media types has them (RFC 6381). */
import type { AacConfig } from '../codec/audio-config.js';

/** `avc1.` and profile, constraints and level in hex, which avcC begins with (ISO/IEC 14496-15 annex E.3). */
export function avcCodecString(record: Uint8Array): string {
  return `avc1.${hex(record[1])}${hex(record[2])}${hex(record[3])}`;
}

/** The same of hvcC (ISO/IEC 14496-15 annex E.3): `hvc1.1.6.L93.90`. */
export function hevcCodecString(record: Uint8Array): string {
  const [, head = 0] = record;
  const space = ['', 'A', 'B', 'C'][head >> 6] ?? '';
  const tier = (head & 0x20) === 0 ? 'L' : 'H';
  const constraints = Array.from(record.subarray(6, 12), (byte) => byte.toString(16).toUpperCase());
  while (constraints.at(-1) === '0') constraints.pop();
  return [
    'hvc1',
    `${space}${head & 0x1f}`,
    reverseBits(record.subarray(2, 6)).toString(16).toUpperCase(),
    `${tier}${record[12] ?? 0}`,
    ...constraints,
  ].join('.');
}

/** `mp4a.40.` and the audio object type. */
export function aacCodecString({ objectType }: AacConfig): string {
  return `mp4a.40.${objectType}`;
}

function hex(byte = 0): string {
  return byte.toString(16).padStart(2, '0');
}

/** The compatibility flags are written in reverse order, without leading zeros. */
function reverseBits(bytes: Uint8Array): number {
  let reversed = 0;
  for (let bit = 31; bit >= 0; bit -= 1) {
    const byte = bytes[bit >> 3] ?? 0;
    reversed = reversed * 2 + ((byte >> (7 - (bit & 7))) & 1);
  }
  return reversed;
}
