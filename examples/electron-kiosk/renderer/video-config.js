/** What an H.264 encoder can be asked for. */

/** Pixels that a level of H.264 allows, at some 30 pictures a second, by its number. */
const LEVELS = [
  [720 * 576, '1e'],
  [1280 * 720, '1f'],
  [1920 * 1088, '28'],
  [3840 * 2176, '33'],
];
/** High, main, and constrained baseline. */
const PROFILES = ['6400', '4d00', '42e0'];

/** The configurations of an encoder that can work here, the best first. */
export async function videoConfigs({ width, height, frameRate, bitrate, format }) {
  const [, level] = LEVELS.find(([pixels]) => width * height <= pixels) ?? LEVELS.at(-1);
  const wanted = PROFILES.map((profile) => ({
    codec: `avc1.${profile}${level}`,
    width,
    height,
    framerate: frameRate,
    bitrate,
    avc: { format },
    // No picture waits for a later one: they come in the order in which they are shown.
    latencyMode: 'realtime',
  }));
  const answers = await Promise.all(wanted.map((config) => VideoEncoder.isConfigSupported(config)));
  return wanted.filter((_, index) => answers[index].supported);
}
