/** What the frames of trials look like. */

/** How a size and a format are called in reports. */
export function frameTitle({ size, format }) {
  const bytes = size >= 1000 ? `${size / 1000} KB` : `${size} B`;
  return `${bytes} ${format === 'annexb' ? 'Annex-B' : 'AVCC'}`;
}

/** The sizes and formats that trials put: a tiny frame shows what a call costs, a large one copies. */
export const FRAMES = [200, 10_000].flatMap((size) =>
  ['annexb', 'avcc'].map((format) => ({ size, format })),
);
