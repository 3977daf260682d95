/** What the charts share: colours for bright and dark surroundings, and text. */

/** Colours of series, by turns: each bright one, and the one in its place where it is dark. */
const SERIES = [
  ['#0b6e4f', '#4cc38a'],
  ['#b3541e', '#f0965a'],
  ['#3557a8', '#8fb0ff'],
  ['#6b6b6b', '#a8a8a8'],
];

const colour = (nth, value) =>
  `.s${nth} .line { stroke: ${value} } .s${nth} .fill { fill: ${value} }`;

const STYLE = `
    text { fill: #24292f; font: 12px sans-serif }
    .title { font-size: 16px; font-weight: bold }
    .paper { fill: #fff }
    .grid { stroke: #d8dee4 }
    .axis { stroke: #57606a }
    .line { fill: none; stroke-width: 2 }
    ${SERIES.map(([bright], nth) => colour(nth, bright)).join('\n    ')}
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .paper { fill: #0d1117 }
      .grid { stroke: #30363d }
      .axis { stroke: #8b949e }
      ${SERIES.map(([, dark], nth) => colour(nth, dark)).join('\n      ')}
    }
`;

/** The text of an SVG file with these parts. */
export function svg(width, height, title, parts) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    text(16, 28, title, 'class="title"'),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** A line of text; `attributes` say the rest. */
export function text(left, top, content, attributes = '') {
  return `<text x="${fixed(left)}" y="${fixed(top)}" ${attributes}>${escaped(content)}</text>`;
}

/** A coordinate: tenths are enough, and the file is the same wherever it was made. */
export function fixed(value) {
  return String(Math.round(value * 10) / 10);
}

/** Maps the logarithm of values between `from` and `to` to 0 up to `length`. */
export function logScale(from, to, length) {
  return (value) => (Math.log(value / from) / Math.log(to / from)) * length;
}

/** 1000 is `1k`, 1500000 is `1.5M`. */
export function short(value) {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1000 ? `${value / 1000}k` : String(value);
}

/** Text that may hold anything, inside an element or an attribute. */
function escaped(content) {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return String(content).replace(/[&<>"]/g, (character) => entities[character]);
}
