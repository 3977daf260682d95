/** Sound of the microphone, encoded and sent: AAC where the system has an encoder, else Opus. */
import { EpochClock } from './epoch-clock.js';

const BITRATE = 64_000;
/** Milliseconds until a failed encoder is replaced. */
const PAUSE = 500;
/** Opus is always played at this rate, whatever it was made of. */
const OPUS_RATE = 48_000;

export class AudioSender {
  #getLink;
  #onTrack;
  #clock = new EpochClock();
  #isPreparing = false;
  #config;
  #encoder;
  #retryAt = 0;

  /**
   * @param getLink - the link to the upload as it is now, or undefined
   * @param onTrack - gets the track, once the microphone has told what it gives
   */
  constructor(getLink, onTrack) {
    this.#getLink = getLink;
    this.#onTrack = onTrack;
  }

  /** What comes next is of another microphone, or of one that was opened anew. */
  restart() {
    this.#clock.restart();
  }

  /** Takes some sound, and closes it. */
  take(audio) {
    try {
      this.#clock.observe(audio.timestamp);
      if (this.#config === undefined) void this.#prepare(audio);
      else if (this.#getLink()?.isOpen === true) this.#encode(audio);
    } catch (error) {
      this.#fail(error);
    } finally {
      audio.close();
    }
  }

  async #prepare({ sampleRate, numberOfChannels }) {
    if (this.#isPreparing) return;
    this.#isPreparing = true;
    const common = { sampleRate, numberOfChannels, bitrate: BITRATE };
    // The service plays AAC. Opus is stored, and given back.
    for (const [codec, name, samplingFrequency] of [
      ['mp4a.40.2', 'aac', sampleRate],
      ['opus', 'opus', OPUS_RATE],
    ]) {
      const config = { ...common, codec };
      const { supported } = await AudioEncoder.isConfigSupported(config);
      if (!supported) continue;
      this.#config = config;
      this.#onTrack({ kind: 'audio', codec: name, samplingFrequency, channels: numberOfChannels });
      return;
    }
    console.error(`Sound of ${sampleRate} Hz cannot be encoded here: there is none`);
  }

  #encode(audio) {
    if (performance.now() < this.#retryAt) return;
    if (this.#encoder?.state !== 'configured') {
      this.#encoder = new AudioEncoder({
        output: (chunk) => {
          this.#getLink()?.send('audio', chunk, this.#clock.toEpoch(chunk.timestamp));
        },
        error: (error) => {
          this.#fail(error);
        },
      });
      this.#encoder.configure(this.#config);
    }
    this.#encoder.encode(audio);
  }

  #fail(error) {
    console.error(`The audio encoder has failed: ${error.message}`);
    this.#retryAt = performance.now() + PAUSE;
    this.#encoder = undefined;
  }
}
