/** Mutates Matroska from a seed and has everything that reads it look at the result. */
import {
  CompositeVisitor,
  CopyVisitor,
  CountVisitor,
  FragmentParser,
  MatroskaError,
  readElements,
  SegmentMerger,
  SizeAndOffsetVisitor,
} from '../../../ts/parser/index.js';

/** Numbers that look random and are the same for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    // xorshift32
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }
}

/** Ids and sizes that open elements, which mutations would hardly ever hit upon. */
const PARTS = [
  ...['1a45dfa3', '18538067', '1f43b675', '1254c367', '1654ae6b', 'a3', 'a0', 'a1', 'ec', '63c0'],
  ...['ff', '01ffffffffffffff', '0100000000000000', '80', '1fffffff', '08ffffffff'],
].map((hex) => Buffer.from(hex, 'hex'));

/** Changes, removes, repeats and inserts a few parts of an input. */
export function mutate(input: Uint8Array, random: Random): Buffer {
  let bytes = Buffer.from(input);
  for (let count = 1 + random.below(6); count > 0 && bytes.length > 0; count -= 1) {
    const at = random.below(bytes.length);
    const end = Math.min(bytes.length, at + 1 + random.below(64));
    const [before, part, after] = [
      bytes.subarray(0, at),
      bytes.subarray(at, end),
      bytes.subarray(end),
    ];
    switch (random.below(5)) {
      case 0:
        bytes[at] = random.below(256);
        break;
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 2:
        bytes = Buffer.concat([before, after]);
        break;
      case 3:
        bytes = Buffer.concat([before, part, part, after]);
        break;
      default:
        bytes = Buffer.concat([before, PARTS[random.below(PARTS.length)] as Buffer, part, after]);
    }
  }
  return bytes;
}

/**
 * Reads an input in pieces. Throws when a reader throws anything but a MatroskaError, when the copy of
 * what was read is not the input, or when frames and fragments do not follow each other as they must.
 */
export async function check(input: Uint8Array, random: Random): Promise<boolean> {
  const copied: Uint8Array[] = [];
  let isOpen = false;
  const follows = (expected: boolean, what: string): void => {
    if (isOpen !== expected) throw new Error(`${what} comes at the wrong place`);
  };
  const fragments = new FragmentParser({
    fragment: () => {
      follows(false, 'a fragment');
      isOpen = true;
    },
    frame: ({ data }) => {
      follows(true, 'a frame');
      if (data.length > input.length) throw new Error('a frame is larger than the input');
    },
    bytes: () => {
      follows(true, 'a piece');
    },
    end: () => {
      follows(true, 'an end');
      isOpen = false;
    },
  });
  const composite = new CompositeVisitor(
    new CountVisitor(),
    new SizeAndOffsetVisitor(() => undefined),
    new CopyVisitor((piece) => copied.push(piece)),
  );
  const merger = new SegmentMerger(() => undefined);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < input.length;) {
    const end = Math.min(input.length, at + 1 + random.below(400));
    pieces.push(input.subarray(at, end));
    at = end;
  }
  const sound = [composite, fragments, merger].map((sink) =>
    accepts(() => {
      for (const piece of pieces) sink.push(piece);
      sink.end();
    }),
  );
  const whole = Buffer.concat(copied);
  if (!whole.equals(input.subarray(0, whole.length))) throw new Error('the copy differs');
  if (sound[0] === true && whole.length !== input.length) throw new Error('the copy is not whole');
  try {
    for await (const { name } of readElements(pieces)) if (name === '') throw new Error('no name');
  } catch (error) {
    if (!(error instanceof MatroskaError)) throw error;
  }
  return sound[1] === true;
}

function accepts(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof MatroskaError) return false;
    throw error;
  }
}
