import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { MatroskaError, SegmentMerger } from '../../ts/parser/index.js';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import * as mkv from './support/mkv.js';

const test = suite('segment merger');

const TIMES = [0, 1000, 2000];

function fragment(time: number): Buffer {
  return mkv.cluster(time, mkv.simpleBlock(1, 0, 50), mkv.simpleBlock(1, 40, 60));
}

/** One fragment as GetMedia sends it: a document of its own, with the service's tags around it. */
function chunk(time: number, header = mkv.liveHeader(), extra: Buffer[] = []): Buffer {
  const number = mkv.tags({ AWS_KINESISVIDEO_FRAGMENT_NUMBER: String(time) });
  const behind = mkv.tags({ AWS_KINESISVIDEO_MILLIS_BEHIND_NOW: '0' });
  return Buffer.concat([header, number, fragment(time), ...extra, behind]);
}

function merge(pieces: Iterable<Uint8Array>): { merged: Buffer; fragments: number } {
  const written: Buffer[] = [];
  const merger = new SegmentMerger((piece) => written.push(Buffer.from(piece)));
  for (const piece of pieces) merger.push(piece);
  merger.end();
  const merged = Buffer.concat(written);
  assert.is(merger.counts.bytes, merged.length);
  return { merged, fragments: merger.counts.fragments };
}

test('many documents become one, with each cluster as it was', () => {
  const { merged, fragments } = merge([Buffer.concat(TIMES.map((time) => chunk(time)))]);
  assert.is(fragments, 3);
  assert.equal(merged, Buffer.concat([mkv.liveHeader(), ...TIMES.map(fragment)]));
});

test("the producer's own tags stay and the service's go", () => {
  const own = mkv.tags({ place: 'door' });
  const { merged } = merge([chunk(0, undefined, [own]), chunk(1000)]);
  assert.equal(merged, Buffer.concat([mkv.liveHeader(), fragment(0), own, fragment(1000)]));
});

test('the result does not depend on how the input is cut', () => {
  const input = Buffer.concat(TIMES.map((time) => chunk(time)));
  const whole = merge([input]).merged;
  fc.assert(
    fc.property(fc.array(fc.nat(input.length), { maxLength: 40 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), input.length];
      const pieces = at.slice(1).map((end, i) => input.subarray(at[i], end));
      assert.equal(merge(pieces).merged, whole);
    }),
  );
});

test('a change of codec settings ends the file and names the fragment', () => {
  const other = mkv.liveHeader(mkv.videoTrack(1, Buffer.from([1, 2, 3])));
  const written: Buffer[] = [];
  const merger = new SegmentMerger((piece) => written.push(Buffer.from(piece)));
  merger.push(chunk(0));
  assert.throws(
    () => {
      merger.push(chunk(1000, other));
    },
    (error: unknown) =>
      error instanceof MatroskaError &&
      error.code === 'TRACKS_CHANGED' &&
      error.message.includes('changed after fragment 1'),
  );
  assert.equal(Buffer.concat(written), Buffer.concat([mkv.liveHeader(), fragment(0)]));
});

test('a change of the time code scale is not merged', () => {
  const other = Buffer.concat([
    mkv.ebmlHeader(),
    mkv.open('18538067', [], 'ff'),
    mkv.info(1000),
    mkv.tracks(),
  ]);
  assert.throws(() => merge([chunk(0), chunk(1000, other)]), /time code scale changed/);
});

test('an answer that is cut off inside a frame is told', () => {
  const input = Buffer.concat(TIMES.map((time) => chunk(time)));
  assert.throws(() => merge([input.subarray(0, input.length - 200)]), /ends inside/);
});

test('mkvinfo reads the result without a warning', (t) => {
  requireTool(t, 'mkvinfo');
  const folder = mkdtempSync(join(tmpdir(), 'kvs-merge-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'merged.mkv');
  writeFileSync(file, merge([Buffer.concat(TIMES.map((time) => chunk(time)))]).merged);
  const listing = execFileSync('mkvinfo', ['-v', '-v', file], { encoding: 'utf8' });
  assert.not.match(listing, /warning|error|invalid/i);
  assert.is(listing.match(/\+ Cluster timestamp/g)?.length, 3);
});
