import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { PacketWriter } from '../../ts/mux/mpeg-ts/packets.js';
import { pesPacket } from '../../ts/mux/mpeg-ts/pes.js';
import { nalUnits } from '../../ts/mux/nal-units.js';
import { suite } from '../support/suite.js';

const test = suite('MPEG-TS');

/** The payloads in packets, and the clock of each that has one. */
function unpack(bytes: Uint8Array): { payload: Buffer; clocks: number[] } {
  const pieces: Buffer[] = [];
  const clocks: number[] = [];
  assert.is(bytes.length % 188, 0);
  for (let at = 0; at < bytes.length; at += 188) {
    const packet = Buffer.from(bytes.subarray(at, at + 188));
    const adapted = (packet.readUInt8(3) & 0x20) !== 0;
    const length = adapted ? packet.readUInt8(4) : -1;
    if (length > 0 && (packet.readUInt8(5) & 0x10) !== 0) {
      clocks.push(packet.readUInt32BE(6) * 2 + (packet.readUInt8(10) >> 7));
    }
    pieces.push(packet.subarray(5 + length));
  }
  return { payload: Buffer.concat(pieces), clocks };
}

test('payloads of any length come out of the packets as they went in', () => {
  const clock = fc.option(fc.integer({ min: -100_000, max: 2 ** 40 }), { nil: undefined });
  const property = fc.property(
    fc.uint8Array({ minLength: 1, maxLength: 1000 }),
    clock,
    (payload, time) => {
      const writer = new PacketWriter();
      // The second time without the mark of a new count.
      for (const round of [0, 1]) {
        writer.addPayload(256, payload, {
          randomAccess: round === 0,
          ...(time !== undefined && { clock: time }),
        });
      }
      const unpacked = unpack(writer.take());
      assert.equal(unpacked.payload, Buffer.concat([payload, payload]));
      const wrapped = time === undefined ? [] : [((time % 2 ** 33) + 2 ** 33) % 2 ** 33];
      assert.equal(unpacked.clocks, [...wrapped, ...wrapped]);
    },
  );
  fc.assert(property, { numRuns: 500 });
});

test('times of PES packets wrap after 33 bits', () => {
  const packet = Buffer.from(
    pesPacket({
      streamId: 0xe0,
      presentationTime: 2 ** 33 + 90_001,
      decodeTime: 2 ** 33 - 1,
      data: new Uint8Array(1),
    }),
  );
  const timeAt = (at: number): number => {
    const high = (packet.readUInt8(at) >> 1) & 7;
    return (
      high * 2 ** 30 +
      (packet.readUInt16BE(at + 1) >> 1) * 2 ** 15 +
      (packet.readUInt16BE(at + 3) >> 1)
    );
  };
  assert.equal([timeAt(9), timeAt(14)], [90_001, 2 ** 33 - 1]);
});

test('NAL units that do not fill their frame are found', () => {
  const units = (hex: string): string[] => {
    const frame = new Uint8Array(Buffer.from(hex, 'hex'));
    return Array.from(nalUnits(frame, 4), (unit) => Buffer.from(unit).toString('hex'));
  };
  assert.equal(units('0000000265aa0000000141'), ['65aa', '41']);
  assert.throws(
    () => units('0000000365aa'),
    /claims 3 bytes where its frame of 6 bytes has 2 left/,
  );
  assert.throws(() => units('000001'), /claims .* bytes/);
});
