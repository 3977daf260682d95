/** The pictures of a report. */
import { barChart } from './bar-chart.mjs';
import { lineChart } from './line-chart.mjs';

/** How many times as good as its peers this producer is, row by row of the bar. */
export function ratioPicture(bar) {
  const rows = bar
    .filter(({ times }) => times !== undefined)
    .map(({ what, peer, times }) => ({
      label: what,
      against: peer.measured ? peer.name : `${peer.name}, as published`,
      times,
      series: peer.measured ? 0 : 2,
    }));
  return barChart({ title: 'How many times as good, on a logarithmic axis', rows });
}

/** What the C producer of AWS was published to take, where the picture can show it. */
const AWS = { name: 'AWS C producer, published' };

/** Each curve: its file, the trials that it needs, and its lines as patterns of what they measure. */
const CURVES = [
  {
    file: 'allocator.svg',
    title: 'Allocator: cost of an operation by live blocks',
    xLabel: 'live blocks of random sizes',
    yLabel: 'nanoseconds',
    lines: [
      { name: 'this producer', pattern: /^heap\/random-(\d+)\/kvs$/ },
      { ...AWS, points: [{ x: 60_000, y: 758_000 }] },
    ],
  },
  {
    file: 'queued.svg',
    title: 'Cost of a put in C by frames that are queued',
    xLabel: 'frames queued',
    yLabel: 'nanoseconds',
    lines: [
      { name: 'this producer', pattern: /^queued\/(\d+)\/kvs$/ },
      {
        ...AWS,
        points: [
          { x: 1000, y: 5000 },
          { x: 64_000, y: 369_000 },
        ],
      },
    ],
  },
  {
    file: 'streams-cpu.svg',
    title: 'Processor time of a frame of 10 KB by streams that upload',
    xLabel: 'streams, 30 frames a second each',
    yLabel: 'milliseconds for 1000 frames',
    lines: [{ name: 'this producer', pattern: /^streams\/(\d+)-cpu\/kvs$/ }],
  },
  {
    file: 'streams-memory.svg',
    title: 'Memory over a bare Node.js process by streams that upload',
    xLabel: 'streams, 30 frames a second each',
    yLabel: 'MiB',
    lines: [{ name: 'this producer', pattern: /^streams\/(\d+)-memory\/kvs$/ }],
  },
];

/** Trials whose measurements the curves are drawn from. */
export const CURVE_TRIALS = ['heap', 'queued', 'streams'];

/** The curves that the measurements suffice for, by the names of their files. */
export function curvePictures(measurements) {
  const drawn = CURVES.map(({ file, lines, ...chart }) => {
    const filled = lines.map((line) => ({
      ...line,
      points: line.points ?? pointsOf(line, measurements),
    }));
    return { file, chart: { ...chart, lines: filled } };
  });
  return drawn
    .filter(({ chart }) => chart.lines.every(({ points }) => points.length > 0))
    .map(({ file, chart }) => ({ file, svg: lineChart(chart) }));
}

function pointsOf({ pattern }, measurements) {
  return measurements
    .flatMap(({ name, median }) => {
      const match = pattern.exec(name);
      return match === null ? [] : [{ x: Number(match[1]), y: median }];
    })
    .sort((a, b) => a.x - b.x);
}
