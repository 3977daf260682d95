/** Supplemental enhancement information of H.264 (ITU-T H.264 clause 7.3.2.3.1 and annex D). */
import { BitReader, unescapeNal } from '../../codec/bit-reader.js';

/** payloadType of the recovery point message (clause D.1.8). */
const RECOVERY_POINT = 6;
/** Of the numbers in a message header: 255 more, and another byte follows. */
const GOES_ON = 0xff;

/**
 * Whether an SEI NAL unit, given whole from its header byte on, says that decoding can start at
 * its access unit: a recovery point with a recovery_frame_cnt of 0 (clause D.2.8). With a higher
 * count, as in gradual intra refresh, the pictures are right only that many frames later. A
 * message that is cut short says nothing.
 */
export function tellsRecoveryPoint(nal: Uint8Array): boolean {
  const data = unescapeNal(nal.subarray(1));
  let at = 0;
  // A number in a message header (clause 7.3.2.3.1); past the end it is what was there of it.
  const number = (): number => {
    let value = 0;
    while (data[at] === GOES_ON) {
      value += GOES_ON;
      at += 1;
    }
    value += data[at] ?? 0;
    at += 1;
    return value;
  };
  // The stop bit and zeros behind the last message read as empty messages of no meaning.
  while (at < data.length) {
    const type = number();
    const size = number();
    const end = at + size;
    if (end > data.length) return false;
    if (type === RECOVERY_POINT && isAtOnce(data.subarray(at, end))) return true;
    at = end;
  }
  return false;
}

function isAtOnce(payload: Uint8Array): boolean {
  const bits = new BitReader(payload);
  return bits.ue() === 0 && !bits.overrun;
}
