/** The frames that trials put: a tiny one shows what a call costs, a large one what its bytes do. */
export const FRAMES = [200, 10_240].flatMap((size) =>
  ['annexb', 'avcc'].map((format) => ({ format, size })),
);
