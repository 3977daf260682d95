import * as assert from 'uvu/assert';
import { ElementId, EbmlReader, MatroskaError } from '../../ts/parser/index.js';
import { suite } from '../support/suite.js';
import { pieces, read } from './support/events.js';
import {
  blockGroup,
  cluster,
  ebmlHeader,
  el,
  info,
  liveStream,
  open,
  simpleBlock,
  sizedCluster,
  tags,
  text,
  timestamp,
  tracks,
  uint,
} from './support/mkv.js';

const test = suite('EbmlReader');

/** Runs `read` and returns the code and text of the error it throws. */
function failure(...input: Buffer[]): { code: string; message: string } {
  try {
    read(input);
  } catch (error) {
    if (error instanceof MatroskaError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown');
}

test('reports masters, values and streamed content in the order of the input', () => {
  const input = Buffer.concat([
    el('1a45dfa3', el('4282', text('webm'))),
    open('18538067', cluster(7, el('a3', Buffer.from('81000080aabb', 'hex')))),
  ]);
  const { events } = read([input]);
  assert.equal(events, [
    'start EBML 0 7',
    'start DocType 5 4',
    'value DocType 7765626d',
    'end DocType',
    'end EBML',
    'start Segment 12 unknown',
    'start Cluster 24 unknown',
    'start Timestamp 29 8',
    'value Timestamp 0000000000000007',
    'end Timestamp',
    'start SimpleBlock 39 6',
    'data SimpleBlock 81000080aabb',
    'end SimpleBlock',
    'end Cluster',
    'end Segment',
  ]);
});

test('says the same whether the input comes at once or byte by byte', () => {
  const input = Buffer.concat([
    liveStream([0, 80, 160]),
    tags({ place: 'lab' }),
    sizedCluster(300, simpleBlock(1, 0), blockGroup(1, 5, Buffer.alloc(300, 9), 40)),
  ]);
  const whole = read([input]);
  for (const length of [1, 2, 3, 7, 11, 12, 13, 64]) {
    const split = read(pieces(input, length));
    assert.equal(split.events, whole.events, `pieces of ${length}`);
    assert.ok(split.bytes.equals(input), `pieces of ${length}`);
  }
});

test('delivers exactly the bytes before an element of the first two levels when it begins', () => {
  const input = Buffer.concat([
    liveStream([0, 80]),
    tags({ a: 'b' }),
    cluster(500, simpleBlock(1, 0)),
  ]);
  for (const length of [1, 5, 4096]) {
    const { cuts } = read(pieces(input, length));
    assert.is(cuts.filter(({ name }) => name === 'Cluster').length, 3);
    for (const { offset, delivered, name } of cuts) {
      assert.is(delivered, offset, `${name} in pieces of ${length}`);
    }
  }
});

test('ends a Cluster of unknown size at the next Cluster, at Tags and at a new EBML header', () => {
  const input = Buffer.concat([liveStream([0, 80]), tags({ a: 'b' }), liveStream([0])]);
  const structure = read([input]).events.filter((event) => /Cluster|Segment|Tags/.test(event));
  assert.equal(
    structure.map((event) => event.replace(/ \d.*| unknown/, '')),
    [
      'start Segment',
      'start Cluster',
      'end Cluster',
      'start Cluster',
      'end Cluster',
      'start Tags',
      'end Tags',
      'end Segment',
      'start Segment',
      'start Cluster',
      'end Cluster',
      'end Segment',
    ],
  );
});

test('ends a Cluster of unknown size where the Segment around it ends', () => {
  const segment = el('18538067', [info(), tracks(), cluster(0, simpleBlock(1, 0))]);
  const { events } = read([Buffer.concat([ebmlHeader(), segment, ebmlHeader()])]);
  assert.equal(events.slice(events.indexOf('end SimpleBlock'), -1).slice(0, 3), [
    'end SimpleBlock',
    'end Cluster',
    'end Segment',
  ]);
});

test('passes over unknown elements and padding without keeping them', () => {
  const unknown = el('4fff', Buffer.alloc(5000, 1));
  const input = Buffer.concat([
    ebmlHeader(),
    open('18538067', [el('ec', Buffer.alloc(9000)), cluster(1, unknown, simpleBlock(1, 0))]),
  ]);
  const { events, bytes } = read(pieces(input, 100), { maxValueBytes: 64 });
  assert.ok(events.includes('end SimpleBlock'));
  assert.not.ok(events.some((event) => event.startsWith('value Void')));
  assert.ok(bytes.equals(input));
});

test('delivers a collected master as one value', () => {
  const input = Buffer.concat([ebmlHeader(), open('18538067', tags({ name: 'x' }))]);
  const options = { collected: [ElementId.Tags] };
  const values = read(pieces(input, 3), options).events.filter((event) =>
    event.startsWith('value'),
  );
  assert.is(values.filter((event) => event.startsWith('value Tags 7373')).length, 1);
  assert.not.ok(values.some((event) => event.startsWith('value TagName')));
});

test('refuses input that does not begin with an EBML element', () => {
  assert.is(failure(Buffer.from('<html>')).code, 'UNEXPECTED_ELEMENT');
  assert.is(failure(Buffer.from([0, 0, 0, 24])).code, 'INVALID_ID');
  assert.is(failure(Buffer.from([0x08, 1, 2, 3, 4])).code, 'INVALID_ID');
  assert.is(failure(Buffer.from([0xff, 0x81])).code, 'INVALID_ID');
});

test('refuses an element that reaches beyond its parent and says by how much', () => {
  const segment = Buffer.concat([
    Buffer.from('1853806788', 'hex'),
    Buffer.from('1549a966ff', 'hex'),
  ]);
  assert.is(failure(ebmlHeader(), segment).code, 'UNKNOWN_SIZE_NOT_ALLOWED');
  const larger = Buffer.concat([
    Buffer.from('1853806788', 'hex'),
    Buffer.from('1549a96684', 'hex'),
  ]);
  const { code, message } = failure(ebmlHeader(), larger);
  assert.is(code, 'SIZE_EXCEEDS_PARENT');
  assert.match(message, 'Info claims 4 bytes where its parent has 3 left (at byte 45)');
});

test('refuses a block outside of a Cluster', () => {
  const input = [ebmlHeader(), open('18538067', simpleBlock(1, 0))];
  assert.match(failure(...input).message, 'SimpleBlock stands at the top level');
});

test('refuses a size above 2^53 - 1 but streams one just below', () => {
  const big = Buffer.from('1a45dfa301', 'hex');
  const tooBig = Buffer.concat([big, Buffer.from('20000000000000', 'hex')]);
  assert.is(failure(tooBig).code, 'INVALID_SIZE');
  const reader = new EbmlReader({});
  reader.push(ebmlHeader());
  reader.push(Buffer.from('18538067011fffffffffff00', 'hex'));
  reader.push(Buffer.from('ec011fffffffff0000', 'hex'));
  for (let i = 0; i < 100; i += 1) reader.push(Buffer.alloc(65536));
  assert.is(reader.offset, ebmlHeader().length + 12 + 9 + 100 * 65536);
});

test('refuses to keep an element larger than its limit as soon as its header is read', () => {
  const input = [ebmlHeader(), open('18538067', Buffer.from('1549a9660100000000500000', 'hex'))];
  const title = Buffer.from('7ba90100000000400001', 'hex');
  const { code, message } = failure(...input, title);
  assert.is(code, 'ELEMENT_TOO_LARGE');
  assert.match(message, 'Title has 4194305 bytes; at most 4194304 are read');
});

test('reserves no memory for content that is announced but does not come', () => {
  const announced = Buffer.concat([
    ebmlHeader(),
    open('18538067', Buffer.from('1549a9660100000000500000', 'hex')),
    Buffer.from('7ba90100000000300000', 'hex'),
    Buffer.alloc(100),
  ]);
  const before = process.memoryUsage().arrayBuffers;
  const readers = Array.from({ length: 100 }, () => {
    const reader = new EbmlReader({});
    reader.push(announced);
    return reader;
  });
  const grown = process.memoryUsage().arrayBuffers - before;
  assert.ok(grown < 1_000_000, `${readers.length} readers hold ${grown} bytes`);
});

test('refuses elements nested without end', () => {
  let nested = el('67c8');
  for (let i = 0; i < 40; i += 1) nested = el('67c8', nested);
  const input = [ebmlHeader(), open('18538067', el('1254c367', el('7373', nested)))];
  assert.is(failure(...input).code, 'TOO_DEEP');
});

test('calls an input truncated that ends inside a header, a value or an element of known size', () => {
  const start = Buffer.concat([ebmlHeader(), open('18538067')]);
  const whole = sizedCluster(0, simpleBlock(1, 0));
  for (const length of [2, 8, 20, whole.length - 1]) {
    const { code } = failure(start, whole.subarray(0, length));
    assert.is(code, 'TRUNCATED', `${length} bytes of the Cluster`);
  }
  const between = el('1f43b675', [timestamp(0), simpleBlock(1, 0)]).subarray(0, 12 + 10);
  assert.match(failure(start, between).message, 'The input ends inside Cluster');
  read([start, open('1f43b675', timestamp(0))]);
});

test('throws the same error again for whatever comes after the first one', () => {
  const reader = new EbmlReader({});
  const thrown: unknown[] = [];
  for (const input of [Buffer.from('junk'), ebmlHeader()]) {
    try {
      reader.push(input);
    } catch (error) {
      thrown.push(error);
    }
  }
  assert.is(thrown.length, 2);
  assert.is(thrown[0], thrown[1]);
  assert.throws(() => {
    reader.end();
  }, /junk|0x6a75|outside|document/);
});

test('passes on what a handler throws', () => {
  const reader = new EbmlReader({
    value: () => {
      throw new RangeError('not this one');
    },
  });
  assert.throws(
    () => {
      reader.push(ebmlHeader());
    },
    (error: Error) => error instanceof RangeError,
  );
});

test('keeps a value intact that is put together from many pieces', () => {
  const title = 'a title that is cut into single bytes '.repeat(40);
  const input = Buffer.concat([
    ebmlHeader(),
    open('18538067', el('1549a966', [el('7ba9', text(title), 8), el('2ad7b1', uint(1000))])),
  ]);
  const { events } = read(pieces(input, 1));
  assert.ok(events.includes(`value Title ${text(title).toString('hex')}`));
  assert.ok(events.includes('value TimestampScale 00000000000003e8'));
});
