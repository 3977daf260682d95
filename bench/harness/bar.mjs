/**
 * The bar: what this producer has to show against what a user would pick instead.
 *
 * Figures of AWS's C producer cannot be measured here. They are those that it was published to have on
 * two shared cores of a server (AMD EPYC), which is also the machine that absolute limits are about.
 */
import { summarize } from './statistics.mjs';

const AWS = (value) => ({ name: 'AWS C producer', published: value });
const LIMIT = (id, name) => ({ name, measured: [id] });
/** Its rounds took turns with ours in one process, so that each is compared with the one beside it. */
const IN_TURNS = (id, name) => ({ ...LIMIT(id, name), inTurns: true });
const MUXERS = (kind, published) => ({
  name: 'the better JavaScript muxer',
  measured: [`put-read-js/avcc-${kind}/mediabunny`, `put-read-js/avcc-${kind}/webm-muxer`],
  published,
});

/** `atLeast` and `atMost` limit the figure, `times` how often it has to be as good as the peer's. */
const ROWS = [
  {
    what: 'C core, Annex-B, 10 KB',
    ours: 'put-read/annexb-10240/kvs',
    peer: AWS(96),
    need: { times: 30 },
  },
  {
    what: 'C core, AVCC, 10 KB',
    ours: 'put-read/avcc-10240/kvs',
    peer: IN_TURNS('put-read/copied-twice-10240/kvs', 'copying twice'),
    need: { times: 0.8 },
  },
  {
    what: 'C core, frames of 200 B',
    ours: 'put-read/annexb-frame-200/kvs',
    peer: AWS(750),
    need: { times: 2 },
  },
  {
    what: 'allocator, 60,000 blocks',
    ours: 'heap/random-60000/kvs',
    peer: AWS(758_000),
    need: { atMost: 300 },
  },
  {
    what: 'allocator, worst operation',
    ours: 'heap/random-worst-60000/kvs',
    peer: AWS(55e6),
    need: { atMost: 20_000 },
  },
  {
    what: 'from JavaScript, 10 KB',
    ours: 'put-read-js/annexb-10240/kvs',
    peer: MUXERS(10_240, 58_000),
    need: { atLeast: 300_000 },
  },
  {
    what: 'from JavaScript, 200 B',
    ours: 'put-read-js/annexb-200/kvs',
    peer: MUXERS(200, 80_000),
    need: { atLeast: 700_000 },
  },
  {
    what: 'upload over HTTP, Annex-B',
    ours: 'end-to-end/annexb-http-cpu/kvs',
    peer: AWS(10.6),
    need: { atMost: 1.3 },
  },
  {
    what: 'upload over HTTP, AVCC',
    ours: 'end-to-end/avcc-http-cpu/kvs',
    peer: AWS(1.12),
    need: { atMost: 0.95 },
  },
  {
    what: 'upload over HTTP, AVCC',
    ours: 'end-to-end/avcc-http-cpu/kvs',
    peer: LIMIT('end-to-end/frames-http-cpu/node', 'Node.js writing the frames'),
  },
  {
    what: 'upload over HTTP, AVCC',
    ours: 'end-to-end/avcc-http-cpu/kvs',
    peer: LIMIT('end-to-end/plain-http-cpu/node', 'Node.js writing one buffer'),
  },
  {
    what: 'upload over TLS, AVCC',
    ours: 'end-to-end/avcc-https-cpu/kvs',
    peer: AWS(1.86),
    need: { atMost: 1.6 },
  },
  {
    what: 'upload over TLS, AVCC',
    ours: 'end-to-end/avcc-https-cpu/kvs',
    peer: LIMIT('end-to-end/frames-https-cpu/node', 'Node.js writing the frames'),
  },
  {
    what: 'upload over TLS, AVCC',
    ours: 'end-to-end/avcc-https-cpu/kvs',
    peer: LIMIT('end-to-end/plain-https-cpu/node', 'Node.js writing one buffer'),
  },
  {
    what: 'putFrame, 10 KB Annex-B, p99.9',
    ours: 'latency/annexb-10240-p99.9/kvs',
    peer: { name: 'AWS C producer, its worst', published: 1500 },
    need: { atMost: 50 },
  },
  {
    what: 'putFrame, 10 KB Annex-B, p99.9',
    ours: 'latency/annexb-10240-p99.9/kvs',
    peer: LIMIT('latency/annexb-10240-copy-p99.9/kvs', 'a copy, its p99.9'),
  },
  { what: 'idle stream over a bare Node.js', ours: 'idle/memory/kvs', need: { atMost: 25 } },
  { what: 'import, processor time', ours: 'import/cpu/kvs', need: { atMost: 60 } },
  { what: 'import, memory', ours: 'import/memory/kvs', need: { atMost: 20 } },
];

/**
 * What the measurements say about each row of the bar; rows that were not measured are left out.
 *
 * @typedef {{ what: string, ours: string, value: number, unit: string,
 *   peer?: { name: string, value: number, measured: boolean }, times?: number,
 *   need?: { times?: number, atLeast?: number, atMost?: number }, met?: boolean }} Row - `times` is how
 *   often ours is as good as the peer; `met` is absent where there is no limit, and
 *   for short rounds, which say nothing about one
 *
 * @param {{ name: string, unit: string, better: string, median: number,
 *   rounds?: number[] }[]} measurements
 * @returns {Row[]}
 */
export function againstBar(measurements, { quick = false } = {}) {
  const byName = new Map(measurements.map((each) => [each.name, each]));
  return ROWS.filter(({ ours }) => byName.has(ours)).map((row) => {
    const { median: value, unit, better, rounds } = byName.get(row.ours);
    const isLower = better === 'lower';
    const peer = peerOf(row.peer, byName, isLower);
    const pairs = row.peer?.inTurns
      ? pairsOf(rounds, byName.get(row.peer.measured[0])?.rounds)
      : peer && [[value, peer.value]];
    const times = pairs && timesAsGood(pairs, isLower);
    const met = row.need && !quick ? isMet(row.need, value, times) : undefined;
    return { what: row.what, ours: row.ours, value, unit, peer, times, need: row.need, met };
  });
}

function pairsOf(ours, theirs) {
  return theirs && ours?.map((value, round) => [value, theirs[round]]);
}

function timesAsGood(pairs, isLower) {
  return summarize(pairs.map(([ours, theirs]) => (isLower ? theirs / ours : ours / theirs))).median;
}

/** The best peer that was measured in this run, or else the published figure. */
function peerOf(peer, byName, isLower) {
  if (peer === undefined) return undefined;
  const { name, measured = [], published } = peer;
  const values = measured.filter((id) => byName.has(id)).map((id) => byName.get(id).median);
  if (values.length > 0) {
    const value = isLower ? Math.min(...values) : Math.max(...values);
    return { name, value, measured: true };
  }
  return published === undefined ? undefined : { name, value: published, measured: false };
}

function isMet({ times: timesNeeded, atLeast, atMost }, value, times) {
  if (timesNeeded !== undefined) return times === undefined ? undefined : times >= timesNeeded;
  return atLeast !== undefined ? value >= atLeast : value <= atMost;
}
