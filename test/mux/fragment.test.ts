import * as assert from 'uvu/assert';
import { MuxError, readFragment } from '../../ts/mux/index.js';
import { MatroskaError } from '../../ts/parser/index.js';
import { blockContent, cluster, el, simpleBlock, strippedHeader } from '../parser/support/mkv.js';
import { suite } from '../support/suite.js';

const test = suite('reading a fragment');

function failureOf(bytes: Uint8Array): unknown {
  try {
    return readFragment(bytes);
  } catch (error) {
    return error;
  }
}

test('what is left out of frames is put back only when it is short', () => {
  const media = cluster(0, simpleBlock(1, 0, 100));
  const { frames } = readFragment(Buffer.concat([strippedHeader(256), media]));
  assert.equal(
    frames.map(({ data }) => data.length),
    [356],
  );
  const error = failureOf(Buffer.concat([strippedHeader(3_000_000), media]));
  assert.instance(error, MuxError);
  assert.is((error as MuxError).code, 'UNSUPPORTED_CODEC');
  assert.match(
    (error as MuxError).message,
    /^Track 1 cannot be read: its frames lack 3000000 bytes each; at most 256 are put back$/,
  );
});

test('the bytes that are put back in the frames of a fragment are limited', () => {
  const lace = Buffer.concat([Buffer.from([255]), Buffer.alloc(255)]);
  const block = el('a3', blockContent(1, 0, lace, 0x82));
  // 256 frames of 256 bytes are 64 KiB; the limit is 64 MiB.
  const bomb = Buffer.concat([strippedHeader(256), cluster(0, ...Array<Buffer>(1025).fill(block))]);
  const error = failureOf(bomb);
  assert.instance(error, MatroskaError);
  assert.is((error as MatroskaError).code, 'ELEMENT_TOO_LARGE');
});
