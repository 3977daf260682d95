/** Pictures of the camera, encoded and sent; an encoder that fails is replaced. */
import { EpochClock } from './epoch-clock.js';
import { videoConfigs } from './video-config.js';

/** Pictures that may wait for the encoder; more means that it is too slow, and one is left out. */
const MAX_QUEUE = 4;
/** Milliseconds until a failed encoder is replaced. */
const PAUSE = 500;

export class VideoSender {
  #settings;
  #getLink;
  #clock = new EpochClock();
  #encoder;
  #configs = [];
  /** Which of the configurations is tried; the next one after a failure without any chunk. */
  #attempt = 0;
  #size = '';
  #retryAt = 0;
  #lastKey = -Infinity;
  /** What the encoder has told once; whoever begins to listen with a later key frame needs it, too. */
  #description;
  #counts = { encoded: 0, skipped: 0, failures: 0 };

  /** @param getLink - the link to the upload as it is now, or undefined */
  constructor(settings, getLink) {
    this.#settings = settings;
    this.#getLink = getLink;
  }

  /** How many pictures were encoded, and left out, and how often the encoder has failed. */
  get counts() {
    return this.#counts;
  }

  /** The next picture is to be one that decoding can begin with. */
  requestKeyFrame() {
    this.#lastKey = -Infinity;
  }

  /** The next picture is of another camera, or of one that was opened anew. */
  restart() {
    this.#clock.restart();
    this.requestKeyFrame();
  }

  /** Takes a picture, and closes it. */
  take(frame) {
    try {
      this.#clock.observe(frame.timestamp);
      if (this.#getLink()?.isOpen !== true || !this.#isPrepared(frame)) return;
      if (this.#encoder.encodeQueueSize >= MAX_QUEUE) {
        this.#counts.skipped += 1;
        return;
      }
      const keyFrame = this.#isKeyDue(frame.timestamp);
      this.#encoder.encode(frame, { keyFrame });
      if (keyFrame) this.#lastKey = frame.timestamp;
    } catch (error) {
      this.#fail(error);
    } finally {
      frame.close();
    }
  }

  #isKeyDue(timestamp) {
    const since = timestamp - this.#lastKey;
    // Backwards after another camera has taken over.
    return since < 0 || since >= this.#settings.keyFrameInterval * 1e6;
  }

  /** Whether there is an encoder for pictures of this size; otherwise one is being made. */
  #isPrepared({ displayWidth, displayHeight }) {
    // H.264 has even numbers only.
    const [width, height] = [displayWidth & ~1, displayHeight & ~1];
    const size = `${width}x${height}`;
    if (size !== this.#size) {
      this.#size = size;
      this.#close();
      this.#configs = [];
      void this.#prepare(width, height, size);
    } else if (this.#encoder === undefined && performance.now() >= this.#retryAt) {
      this.#start();
    }
    return this.#encoder !== undefined;
  }

  async #prepare(width, height, size) {
    const configs = await videoConfigs({ ...this.#settings, width, height });
    if (size !== this.#size) return;
    if (configs.length === 0) console.error(`H.264 of ${size} cannot be encoded here`);
    this.#configs = configs;
    this.#attempt = 0;
  }

  #start() {
    const config = this.#configs[this.#attempt % this.#configs.length];
    if (config === undefined) return;
    let hasWorked = false;
    const encoder = new VideoEncoder({
      output: (chunk, metadata) => {
        hasWorked = true;
        this.#send(chunk, metadata);
      },
      error: (error) => {
        if (encoder !== this.#encoder) return;
        if (!hasWorked) this.#attempt += 1;
        this.#fail(error);
      },
    });
    this.#encoder = encoder;
    this.requestKeyFrame();
    encoder.configure(config);
  }

  #send(chunk, metadata) {
    this.#counts.encoded += 1;
    const timestamp = this.#clock.toEpoch(chunk.timestamp);
    if (metadata?.decoderConfig !== undefined)
      this.#description = metadata.decoderConfig.description;
    const description = chunk.type === 'key' ? this.#description : undefined;
    this.#getLink()?.send('video', chunk, timestamp, description);
  }

  #fail(error) {
    console.error(`The video encoder has failed: ${error.message}`);
    this.#counts.failures += 1;
    this.#retryAt = performance.now() + PAUSE;
    this.#close();
  }

  #close() {
    const encoder = this.#encoder;
    this.#encoder = undefined;
    if (encoder !== undefined && encoder.state !== 'closed') encoder.close();
  }
}
