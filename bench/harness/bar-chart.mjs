import { fixed, logScale, short, svg, text } from './svg.mjs';

const WIDTH = 860;
const LEFT = 330;
const RIGHT = 90;
const TOP = 56;
const ROW = 34;
const BOTTOM = 44;

/**
 * Draws how many times as good something is as something else, row by row on a logarithmic axis, as
 * the text of an SVG file. Bars go from 1, which is as good, to the right, or to the left below it.
 *
 * @param {{ title: string, rows: { label: string, against: string, times: number, series: number }[] }}
 *   chart - `series` is the number of a colour
 */
export function barChart({ title, rows }) {
  const height = TOP + rows.length * ROW + BOTTOM;
  const all = rows.map(({ times }) => times);
  const from = 10 ** Math.floor(Math.log10(Math.min(0.5, ...all)));
  const to = 10 ** Math.ceil(Math.log10(Math.max(10, ...all)));
  const scale = logScale(from, to, WIDTH - LEFT - RIGHT);
  const toX = (times) => LEFT + scale(times);
  return svg(WIDTH, height, title, [
    ...axis(from, to, toX, height),
    ...rows.flatMap((row, nth) => drawRow(row, TOP + nth * ROW, toX)),
  ]);
}

function axis(from, to, toX, height) {
  const parts = [];
  for (let value = from; value <= to * 1.001; value *= 10) {
    const times = value >= 1 ? Math.round(value) : Number(value.toPrecision(1));
    const left = fixed(toX(times));
    const kind = times === 1 ? 'axis' : 'grid';
    parts.push(
      `<path class="${kind}" d="M${left} ${TOP - 8}V${height - BOTTOM + 6}"/>`,
      text(toX(times), height - BOTTOM + 24, `× ${short(times)}`, 'text-anchor="middle"'),
    );
  }
  return parts;
}

function drawRow({ label, against, times, series }, top, toX) {
  const left = Math.min(toX(1), toX(times));
  const width = Math.abs(toX(times) - toX(1));
  const end = left + width;
  return [
    text(LEFT - 12, top + 10, label, 'text-anchor="end"'),
    text(LEFT - 12, top + 24, `against ${against}`, 'text-anchor="end" opacity="0.7"'),
    `<g class="s${series}"><rect class="fill" x="${fixed(left)}" y="${top + 4}" width="${fixed(width)}" height="16"/></g>`,
    text(
      end + 8,
      top + 16,
      `× ${times >= 100 ? Math.round(times) : times.toFixed(times < 10 ? 2 : 1)}`,
    ),
  ];
}
