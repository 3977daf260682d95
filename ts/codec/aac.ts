/** Numbers of AAC (ISO/IEC 14496-3 clause 1.6). */

/** Samples in a frame. */
export const AAC_FRAME_SAMPLES = 1024;

/** Hertz by samplingFrequencyIndex. */
export const AAC_FREQUENCIES: readonly number[] = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000,
  7350,
];

/** Channels by channelConfiguration; 0 means that the frames themselves tell. */
export const AAC_CHANNELS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 8];
