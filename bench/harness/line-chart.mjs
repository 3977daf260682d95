import { fixed, logScale, short, svg, text } from './svg.mjs';

const WIDTH = 760;
const HEIGHT = 420;
const LEFT = 84;
const RIGHT = 200;
const TOP = 56;
const BOTTOM = 60;

/**
 * Draws lines over two logarithmic axes, as the text of an SVG file.
 *
 * @param {{ title: string, xLabel: string, yLabel: string,
 *   lines: { name: string, points: { x: number, y: number }[] }[] }} chart - values are above 0
 */
export function lineChart({ title, xLabel, yLabel, lines }) {
  const points = lines.flatMap((line) => line.points);
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const bottom = 10 ** Math.floor(Math.log10(Math.min(...ys)));
  const top = Math.max(bottom * 10, 10 ** Math.ceil(Math.log10(Math.max(...ys))));
  const toX = logScale(Math.min(...xs), Math.max(...xs), WIDTH - LEFT - RIGHT);
  const toY = logScale(bottom, top, HEIGHT - TOP - BOTTOM);
  const place = { x: (value) => LEFT + toX(value), y: (value) => HEIGHT - BOTTOM - toY(value) };

  return svg(WIDTH, HEIGHT, title, [
    ...grid(bottom, top, place),
    ...[...new Set(xs)].map((value) =>
      text(place.x(value), HEIGHT - BOTTOM + 20, short(value), 'text-anchor="middle"'),
    ),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, xLabel, 'text-anchor="middle"'),
    text(0, 0, yLabel, `text-anchor="middle" transform="translate(24 ${HEIGHT / 2}) rotate(-90)"`),
    ...lines.flatMap((line, nth) => drawLine(line, nth, place)),
  ]);
}

function grid(bottom, top, place) {
  const parts = [];
  for (let value = bottom; value <= top; value *= 10) {
    const height = fixed(place.y(value));
    parts.push(
      `<path class="grid" d="M${LEFT} ${height}H${WIDTH - RIGHT}"/>`,
      text(LEFT - 8, place.y(value) + 4, short(value), 'text-anchor="end"'),
    );
  }
  return parts;
}

function drawLine({ name, points }, nth, place) {
  const places = points.map(({ x, y }) => [place.x(x), place.y(y)]);
  const path = places.map((pair) => pair.map(fixed).join(' ')).join('L');
  const [endX, endY] = places.at(-1);
  return [
    `<g class="s${nth}">`,
    `<path class="line" d="M${path}"/>`,
    ...places.map(([x, y]) => `<circle class="fill" cx="${fixed(x)}" cy="${fixed(y)}" r="3"/>`),
    text(endX + 10, endY + 4, name),
    '</g>',
  ];
}
