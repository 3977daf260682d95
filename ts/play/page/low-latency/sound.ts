import { codecConfig } from '../../media/codec.js';
import { timeOf } from '../../media/frame-time.js';
import type { MatroskaFrame, MatroskaTrack } from '../../../parser/index.js';

/** How long sound waits, in seconds: unlike pictures, a piece that is late leaves a gap. Nobody hears it. */
const RESERVE = 0.05;
/** How far sound may be from where it belongs before there is a new beginning, in seconds. */
const TOLERANCE = 0.1;

/**
 * Plays the sound of a stream along with its pictures, with WebCodecs and Web Audio. While it is not to
 * be heard nothing is decoded.
 */
export class Sound {
  readonly #track: MatroskaTrack;
  readonly #config: AudioDecoderConfig;
  readonly #delay: () => number | undefined;
  #decoder: AudioDecoder | undefined;
  #context: AudioContext | undefined;
  /** Where what was scheduled last ends, by the clock of the context. */
  #end = 0;

  private constructor(
    track: MatroskaTrack,
    config: AudioDecoderConfig,
    delay: () => number | undefined,
  ) {
    this.#track = track;
    this.#config = config;
    this.#delay = delay;
  }

  /**
   * The sound among `tracks`; undefined when there is none that this browser can decode.
   *
   * @param delay - by how many milliseconds pictures are shown after their time
   */
  static async find(
    tracks: readonly MatroskaTrack[],
    delay: () => number | undefined,
  ): Promise<Sound | undefined> {
    const track = tracks.find(({ type }) => type === 'audio');
    const codec = track && codecConfig(track);
    if (track?.audio === undefined || codec === undefined || !('AudioDecoder' in window)) {
      return undefined;
    }
    const { samplingFrequency: sampleRate, channels: numberOfChannels } = track.audio;
    const config = { ...codec, sampleRate, numberOfChannels };
    const { supported } = await AudioDecoder.isConfigSupported(config);
    return supported === true ? new Sound(track, config, delay) : undefined;
  }

  /** Takes a frame, which may be of another track. */
  put(frame: MatroskaFrame): void {
    if (frame.trackNumber !== this.#track.number || this.#decoder?.state !== 'configured') return;
    const timestamp = Math.round(timeOf(frame) * 1000);
    this.#decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp, data: frame.data }));
  }

  /** Browsers begin to play only where somebody has asked for it, as by the button for this. */
  setMuted(isMuted: boolean): void {
    if (isMuted) {
      this.destroy();
      return;
    }
    if (this.#context !== undefined) return;
    const context = new AudioContext({ latencyHint: 'interactive' });
    this.#context = context;
    this.#end = 0;
    void context.resume();
    const decoder = new AudioDecoder({
      output: (sound) => {
        if (this.#context === context) this.#play(sound, context);
        sound.close();
      },
      // What is broken is silent; the picture goes on.
      error: () => undefined,
    });
    decoder.configure(this.#config);
    this.#decoder = decoder;
  }

  /** Forgets what is under way. */
  destroy(): void {
    if (this.#decoder !== undefined && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#decoder = undefined;
    void this.#context?.close();
    this.#context = undefined;
  }

  #play(sound: AudioData, context: AudioContext): void {
    const delay = this.#delay();
    if (delay === undefined) return;
    const now = context.currentTime;
    const due = now + (sound.timestamp / 1000 + delay - Date.now()) / 1000 + RESERVE;
    // One piece goes on where the one before ended: the times of pieces are not that exact.
    const goesOn = this.#end >= now && Math.abs(due - this.#end) < TOLERANCE;
    const start = goesOn ? this.#end : due;
    if (start < now) return;
    const { numberOfChannels, numberOfFrames, sampleRate } = sound;
    const buffer = context.createBuffer(numberOfChannels, numberOfFrames, sampleRate);
    for (let channel = 0; channel < numberOfChannels; channel += 1) {
      const samples = buffer.getChannelData(channel);
      sound.copyTo(samples, { planeIndex: channel, format: 'f32-planar' });
    }
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.start(start);
    this.#end = start + buffer.duration;
  }
}
