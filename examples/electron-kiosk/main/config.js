/** What the kiosk shall do: defaults, a JSON file, and the environment, each before the one before. */
import { readFileSync } from 'node:fs';

const VIDEO = {
  /** Part of the name of the camera to prefer; '' takes what the system prefers. */
  camera: '',
  width: 1280,
  height: 720,
  frameRate: 30,
  /** Bits a second. */
  bitrate: 2_000_000,
  /** Seconds from one key frame to the next, which is how long a fragment is. */
  keyFrameInterval: 2,
  /** `annexb`, with parameter sets in each key frame, or `avc`, with a description beside. */
  format: 'annexb',
};

const DEFAULTS = {
  streamName: 'kiosk',
  /** Without region and endpoint an endpoint of the kiosk's own is used, to try it out. */
  region: undefined,
  endpoint: undefined,
  /** See `iotCertificate` and `credentialFile` of the client; the chain of the AWS SDK otherwise. */
  iotCertificate: undefined,
  credentialFile: undefined,
  /** Folder for what the memory cannot hold while the network is away. */
  spillDirectory: undefined,
  /** Hours that media are kept, of a stream that the kiosk creates. */
  retentionPeriod: 24,
  /** The process that uploads: `utility`, of its own, or `main`. */
  uploadIn: 'utility',
  fullScreen: false,
  microphone: false,
};

const CHOICES = { uploadIn: ['utility', 'main'], format: ['annexb', 'avc'] };

/**
 * The configuration of a kiosk.
 *
 * @param env - KIOSK_CONFIG is the path of the file; KIOSK_STREAM, KIOSK_REGION and KIOSK_ENDPOINT go
 *   before what it says, and AWS_REGION holds where neither says a region
 * @param file - the file to read when KIOSK_CONFIG names none; it may be missing
 * @throws Error that names what is wrong, and where
 */
export function readConfig(env, file) {
  const given = readJson(env.KIOSK_CONFIG ?? file, env.KIOSK_CONFIG !== undefined);
  const { video = {}, ...others } = given;
  const config = { ...merge(DEFAULTS, others, ''), video: merge(VIDEO, video, 'video.') };
  const region = env.KIOSK_REGION ?? config.region ?? env.AWS_REGION;
  const endpoint = env.KIOSK_ENDPOINT ?? config.endpoint;
  const streamName = env.KIOSK_STREAM ?? config.streamName;
  const isLocal = region === undefined && endpoint === undefined;
  return Object.freeze({ ...config, streamName, region, endpoint, isLocal });
}

function readJson(path, isWanted) {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause.code === 'ENOENT' && !isWanted) return {};
    throw new Error(`The configuration ${path} cannot be read: ${cause.message}`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`The configuration ${path} is no JSON: ${cause.message}`, { cause });
  }
}

function merge(defaults, given, prefix) {
  for (const [key, value] of Object.entries(given)) {
    if (!(key in defaults)) {
      const known = Object.keys(defaults).join(', ');
      throw new Error(`Unknown setting "${prefix}${key}" in the configuration: there are ${known}`);
    }
    check(prefix + key, value, defaults[key], CHOICES[key]);
  }
  return { ...defaults, ...given };
}

function check(name, value, standard, choices) {
  const wanted = typeof standard;
  const isWrong =
    (standard !== undefined && typeof value !== wanted) ||
    (wanted === 'number' && !(value >= 0)) ||
    (choices !== undefined && !choices.includes(value));
  if (!isWrong) return;
  const what = choices === undefined ? `a ${wanted}` : choices.join(' or ');
  throw new Error(`The setting "${name}" has to be ${what}, not ${JSON.stringify(value)}`);
}
