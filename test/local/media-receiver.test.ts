import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { AckError } from '../../ts/local/media/acks.js';
import { MediaReceiver, type FragmentSink } from '../../ts/local/media/media-receiver.js';
import { pieces } from '../parser/support/events.js';
import {
  audioTrack,
  blockGroup,
  cluster,
  ebmlHeader,
  el,
  info,
  open,
  simpleBlock,
  sizedCluster,
  tags,
  timestamp,
  tracks,
  videoTrack,
} from '../parser/support/mkv.js';
import { suite } from '../support/suite.js';

const test = suite('Media receiver', { timeout: 60_000 });

/** Keeps every complete fragment as one buffer. */
class Collector implements FragmentSink {
  readonly fragments: Buffer[] = [];
  readonly timecodes: number[] = [];
  /** How many bytes of each fragment's Cluster and what follows were shown, one step after another. */
  readonly shown: number[][] = [];
  #open: Uint8Array[] = [];
  #appended = 0;

  begin(header: Uint8Array): void {
    this.#open = [header];
    this.#appended = 0;
    this.shown.push([]);
  }

  identify(timecode: number): void {
    this.timecodes.push(timecode);
  }

  append(bytes: Uint8Array): void {
    this.#open.push(bytes);
    this.#appended += bytes.length;
  }

  advance(bytes: number): void {
    assert.ok(bytes <= this.#appended, `${bytes} bytes shown of ${this.#appended}`);
    this.shown.at(-1)?.push(bytes);
  }

  tag(): void {
    // Tags are none of its business.
  }

  complete(): void {
    this.fragments.push(Buffer.concat(this.#open));
  }
}

function receive(input: readonly Uint8Array[]): Collector {
  const collector = new Collector();
  const receiver = new MediaReceiver(collector, { allowEqualTimecodes: false });
  for (const piece of input) receiver.push(piece);
  receiver.finish();
  return collector;
}

const HEAD = [ebmlHeader(), open('18538067', [], 'ff')];
const DESCRIPTION = [info(), el('ec', Buffer.alloc(5)), tracks(videoTrack(), audioTrack())];
const BOTH = [simpleBlock(1, 0, 30), simpleBlock(2, 10, 20)];
const END = tags({ AWS_KINESISVIDEO_END_OF_FRAGMENT: '' });
const MEDIA = Buffer.concat([
  ...HEAD,
  tags({ first: 'only' }),
  ...DESCRIPTION,
  cluster(0, ...BOTH),
  tags({ a: '1' }),
  END,
  tags({ of: 'the next' }),
  sizedCluster(100, ...BOTH, blockGroup(1, 40, Buffer.alloc(9), 40)),
  el('1c53bb6b', Buffer.alloc(0)),
  cluster(200, ...BOTH),
]);

test('puts every byte into the fragment that it belongs to', () => {
  const { fragments, timecodes } = receive([MEDIA]);
  const start = [ebmlHeader(), open('18538067')];
  const expected = [
    [...start, tags({ first: 'only' }), ...DESCRIPTION, cluster(0, ...BOTH), tags({ a: '1' }), END],
    [
      ...start,
      ...DESCRIPTION,
      tags({ of: 'the next' }),
      sizedCluster(100, ...BOTH, blockGroup(1, 40, Buffer.alloc(9), 40)),
      el('1c53bb6b', Buffer.alloc(0)),
    ],
    [...start, ...DESCRIPTION, cluster(200, ...BOTH)],
  ];
  assert.equal(timecodes, [0, 100, 200]);
  assert.equal(
    fragments.map((fragment) => fragment.toString('hex')),
    expected.map((parts) => Buffer.concat(parts).toString('hex')),
  );
});

test('shows whole elements only, each as soon as it is there', () => {
  const { shown } = receive(pieces(MEDIA, 1));
  const ends = (start: Buffer, ...elements: Buffer[]): number[] => {
    let at = start.length;
    return elements.map((element) => (at += element.length));
  };
  const group = blockGroup(1, 40, Buffer.alloc(9), 40);
  const sizedHead = sizedCluster(100, ...BOTH, group).length - timestamp(100).length;
  const body = BOTH.reduce((sum, block) => sum + block.length, group.length);
  const cues = el('1c53bb6b', Buffer.alloc(0));
  assert.equal(shown, [
    ends(open('1f43b675', [], 'ff'), timestamp(0), ...BOTH, tags({ a: '1' })),
    ends(Buffer.alloc(sizedHead - body), timestamp(100), ...BOTH, group, cues),
    ends(open('1f43b675', [], 'ff'), timestamp(200), ...BOTH),
  ]);
});

test('makes the same fragments wherever the input is cut', () => {
  const whole = receive([MEDIA]).fragments;
  for (const length of [1, 2, 3, 5, 17]) {
    assert.equal(receive(pieces(MEDIA, length)).fragments, whole, `pieces of ${length}`);
  }
  const cuts = fc.array(fc.nat(MEDIA.length), { maxLength: 30 });
  fc.assert(
    fc.property(cuts, (places) => {
      const ends = [...new Set([...places, MEDIA.length])].sort((a, b) => a - b);
      const input = ends.map((end, i) => MEDIA.subarray(ends[i - 1] ?? 0, end));
      assert.equal(receive(input).fragments, whole);
    }),
    { numRuns: 200 },
  );
});

test('answers changed media with fragments or an acknowledged error, and nothing else', () => {
  const change = fc.record({ at: fc.nat(MEDIA.length - 1), to: fc.nat(255) });
  const changes = fc.array(change, { minLength: 1, maxLength: 6 });
  const refused = new Set<string>();
  fc.assert(
    fc.property(changes, fc.integer({ min: 1, max: 400 }), (list, length) => {
      const input = Buffer.from(MEDIA);
      for (const { at, to } of list) input[at] = to;
      try {
        receive(pieces(input, length));
      } catch (error) {
        if (!(error instanceof AckError)) throw error;
        refused.add(error.code);
      }
    }),
    { numRuns: 5000 },
  );
  assert.ok(refused.size >= 3, `errors seen: ${[...refused].join(', ')}`);
});
