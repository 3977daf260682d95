const WIDTH = 720;
const HEIGHT = 420;
const LEFT = 80;
const RIGHT = 160;
const TOP = 48;
const BOTTOM = 56;

/** Text that may hold anything, inside an element or an attribute. */
function escaped(text) {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return String(text).replace(/[&<>"]/g, (character) => entities[character]);
}

/** 1000 is `1k`, 1500000 is `1.5M`. */
function short(value) {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1000 ? `${value / 1000}k` : String(value);
}

/**
 * Draws lines over two logarithmic axes, as the text of an SVG file.
 *
 * @param chart - `title`; `x` and `y` with a `label` and a function `of` that takes the value from a
 *   point; `lines` with `name`, `colour` and `points`, whose values are above 0
 */
export function lineChart({ title, x, y, lines }) {
  const points = lines.flatMap((line) => line.points);
  const xs = points.map(x.of);
  const ys = points.map(y.of);
  const bottom = 10 ** Math.floor(Math.log10(Math.min(...ys)));
  const top = 10 ** Math.ceil(Math.log10(Math.max(...ys)));
  const scale = (from, to, length) => (value) =>
    (Math.log(value / from) / Math.log(to / from)) * length;
  const toX = scale(Math.min(...xs), Math.max(...xs), WIDTH - LEFT - RIGHT);
  const toY = scale(bottom, top, HEIGHT - TOP - BOTTOM);
  const place = (point) => [LEFT + toX(x.of(point)), HEIGHT - BOTTOM - toY(y.of(point))];

  const parts = [text(LEFT, 24, title, 'font-weight="bold" font-size="16"')];
  for (let value = bottom; value <= top; value *= 10) {
    const height = HEIGHT - BOTTOM - toY(value);
    parts.push(
      `<path d="M${LEFT} ${height}H${WIDTH - RIGHT}" stroke="#ddd"/>`,
      text(LEFT - 8, height + 4, short(value), 'text-anchor="end"'),
    );
  }
  for (const value of new Set(xs)) {
    parts.push(text(LEFT + toX(value), HEIGHT - BOTTOM + 20, short(value), 'text-anchor="middle"'));
  }
  parts.push(
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, x.label, 'text-anchor="middle"'),
    text(0, 0, y.label, `text-anchor="middle" transform="translate(20 ${HEIGHT / 2}) rotate(-90)"`),
  );
  for (const { name, colour, points: own } of lines) {
    const path = own.map((point) =>
      place(point)
        .map((part) => part.toFixed(1))
        .join(' '),
    );
    const [endX, endY] = place(own.at(-1));
    parts.push(
      `<path d="M${path.join('L')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...own.map((point) => {
        const [cx, cy] = place(point);
        return `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="3" fill="${colour}"/>`;
      }),
      text(endX + 10, endY + 4, name, `fill="${colour}"`),
    );
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function text(left, top, content, attributes) {
  return `<text x="${left}" y="${top}" ${attributes}>${escaped(content)}</text>`;
}
