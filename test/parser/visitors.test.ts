import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import {
  CompositeVisitor,
  CopyVisitor,
  CountVisitor,
  ElementId,
  FragmentMetadataVisitor,
  FrameVisitor,
  MatroskaError,
  readElements,
  SegmentMerger,
  SizeAndOffsetVisitor,
  visit,
  type ElementExtent,
  type ElementVisitor,
} from '../../ts/parser/index.js';
import { suite } from '../support/suite.js';
import { pieces } from './support/events.js';
import { getMediaChunk, START } from './support/fragments.js';

const test = suite('Matroska visitors', { timeout: 20_000 });

const FILE = readFileSync(fileURLToPath(new URL('../fixtures/h264-aac.mkv', import.meta.url)));
const ANSWER = Buffer.concat([getMediaChunk(0), getMediaChunk(1), getMediaChunk(2)]);

test('elements are counted, all or those of some ids', async () => {
  const all = new CountVisitor();
  const some = new CountVisitor([ElementId.Cluster]);
  await visit(FILE, new CompositeVisitor(all, some));
  assert.is(all.of(ElementId.SimpleBlock), 216);
  assert.is(all.of(ElementId.BlockGroup), 1);
  assert.is(all.of(ElementId.Cluster), 3);
  assert.is(all.counts.get('TrackEntry'), 2);
  assert.equal([...some.counts], [['Cluster', 3]]);
});

test('places and sizes are those of the bytes', async () => {
  const extents: ElementExtent[] = [];
  await visit(pieces(FILE, 1000), new SizeAndOffsetVisitor((extent) => extents.push(extent)));
  const clusters = extents.filter(({ name }) => name === 'Cluster');
  assert.is(clusters.length, 3);
  for (const { offset, totalSize = 0 } of clusters) {
    assert.is(FILE.readUInt32BE(offset), ElementId.Cluster);
    const next = extents.find((extent) => extent.depth === 1 && extent.offset > offset);
    assert.is(next?.offset, offset + totalSize);
  }
});

test('a copy is the input, up to where it is damaged', async () => {
  const copied: Uint8Array[] = [];
  const copy = new CopyVisitor((piece) => copied.push(piece));
  await visit(pieces(FILE, 777), copy);
  assert.ok(Buffer.concat(copied).equals(FILE));
  copied.length = 0;
  const damaged = Buffer.concat([FILE, Buffer.from('00000000', 'hex')]);
  const error = await visit(damaged, copy).catch((thrown: unknown) => thrown);
  assert.instance(error, MatroskaError);
  assert.ok(FILE.subarray(0, Buffer.concat(copied).length).equals(Buffer.concat(copied)));
});

test('members of a composite do not change what the others see', async () => {
  const collecting: ElementVisitor & { values: number } = {
    readerOptions: { collected: [ElementId.Tags] },
    values: 0,
    value({ id }) {
      if (id === ElementId.Tags) this.values += 1;
    },
  };
  const counting = new CountVisitor([ElementId.TagName]);
  const merged: Uint8Array[] = [];
  const merger = new SegmentMerger((piece) => merged.push(piece.slice()));
  const times: number[] = [];
  const frames = new FrameVisitor(({ timestamp }) => times.push(timestamp));
  const inner = new CompositeVisitor(collecting, counting);
  await visit(pieces(ANSWER, 33), new CompositeVisitor(inner, merger, frames));
  assert.is(collecting.values, 12);
  assert.is(counting.of(ElementId.TagName), 21);
  assert.equal(times, [0, 10, 500, 1000, 1010, 1500, 2000, 2010, 2500]);
  const counted = new CountVisitor();
  await visit(Buffer.concat(merged), counted);
  assert.is(counted.of(ElementId.Segment), 1);
  assert.is(counted.of(ElementId.Cluster), 3);
});

test('metadata of the fragment that is read are at hand, and its tags are passed on once', async () => {
  const seen: string[] = [];
  const visitor = new FragmentMetadataVisitor({
    tag: ({ name, value }, fragment) => {
      seen.push(`${fragment.fragmentNumber?.slice(-2)} ${name}=${value}`);
    },
    end: (fragment, { millisBehindNow }) => {
      seen.push(`${fragment.fragmentNumber?.slice(-2)} ends ${millisBehindNow}`);
    },
  });
  await visit(pieces(ANSWER, 50), visitor);
  assert.equal(seen, [
    ...['32 room=kitchen', '32 late=tag 0', '32 ends 17'],
    ...['33 room=kitchen', '33 late=tag 1', '33 ends 17'],
    ...['34 room=kitchen', '34 late=tag 2', '34 ends 17'],
  ]);
  assert.is(visitor.fragment?.producerTimestamp, (START + 2) * 1000 + 250);
  assert.is(visitor.track(2)?.codecId, 'A_AAC');
  assert.is(visitor.track(3), undefined);
  assert.is(visitor.continuationToken, 'token-2');
  assert.is(visitor.millisBehindNow, 17);
});

test('elements are read with values of their types', async () => {
  const values = new Map<string, unknown>();
  let data = 0;
  for await (const event of readElements(pieces(FILE, 500))) {
    if (event.type === 'value') values.set(event.name, event.value);
    if (event.type === 'data' && event.name === 'SimpleBlock') data += event.data.length;
  }
  assert.is(values.get('DocType'), 'matroska');
  assert.is(values.get('SamplingFrequency'), 48_000);
  assert.is(values.get('TimestampScale'), 1_000_000);
  assert.instance(values.get('CodecPrivate'), Uint8Array);
  assert.ok(data > 30_000);
  const seen: string[] = [];
  const cut = (async (): Promise<void> => {
    for await (const { type, name } of readElements(FILE.subarray(0, 30)))
      seen.push(`${type} ${name}`);
  })();
  assert.is(await cut.catch((error: unknown) => (error as MatroskaError).code), 'TRUNCATED');
  assert.is(seen[0], 'start EBML');
});

test('what a visitor throws ends the reading', async () => {
  const reason = new Error('seen enough');
  const visitor = new FrameVisitor(() => {
    throw reason;
  });
  assert.is(await visit(FILE, visitor).catch((error: unknown) => error), reason);
});
