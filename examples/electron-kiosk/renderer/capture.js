/**
 * A camera or a microphone that is always on: opened, and opened again when it was unplugged, has
 * stalled, or when the preferred one is there at last.
 */
import { readFrames } from './frame-reader.js';

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5000;
const STALL_AFTER = 5000;

/** What went wrong, as a person may read it. */
const PROBLEMS = {
  NotFoundError: 'none is connected',
  OverconstrainedError: 'none is connected that can do what is asked for',
  NotReadableError: 'another program may be using it',
  NotAllowedError: 'the system does not permit its use',
};

export class Capture {
  #kind;
  #constraints;
  #preferred;
  #onFrame;
  #onState;
  #switch = new AbortController();
  /** The device at hand. */
  #deviceId;
  #wake = () => undefined;

  /**
   * @param kind - `video` or `audio`
   * @param preferred - part of the name of the device to prefer, or ''
   * @param onFrame - gets each frame, and has to close it
   * @param onState - gets `{ isLive, name, problem, stream }` at each change
   */
  constructor({ kind, constraints, preferred = '', onFrame, onState }) {
    this.#kind = kind;
    this.#constraints = constraints;
    this.#preferred = preferred;
    this.#onFrame = onFrame;
    this.#onState = onState;
    navigator.mediaDevices.addEventListener('devicechange', () => {
      this.#wake();
      void this.#switchToPreferred();
    });
    void this.#run();
  }

  async #run() {
    let pause = FIRST_PAUSE;
    for (;;) {
      let problem;
      try {
        problem = await this.#useDevice();
        pause = FIRST_PAUSE;
      } catch (error) {
        problem = PROBLEMS[error.name] ?? error.message;
      }
      this.#onState({ isLive: false, problem });
      await this.#wait(pause);
      pause = Math.min(LONGEST_PAUSE, pause * 2);
    }
  }

  /** Opens a device, and uses it as long as it lasts; returns why it did not last. */
  async #useDevice() {
    this.#switch = new AbortController();
    const stream = await this.#open();
    const [track] = stream.getTracks();
    this.#deviceId = track.getSettings().deviceId;
    this.#onState({ isLive: true, name: track.label, stream });
    // Only now the names of the devices are known.
    void this.#switchToPreferred();
    try {
      const options = { signal: this.#switch.signal, stallAfter: STALL_AFTER };
      return await readFrames(track, this.#onFrame, options);
    } finally {
      track.stop();
    }
  }

  async #open() {
    const deviceId = await this.#findPreferred();
    const chosen = deviceId === undefined ? {} : { deviceId: { exact: deviceId } };
    return navigator.mediaDevices.getUserMedia({
      [this.#kind]: { ...this.#constraints, ...chosen },
    });
  }

  /** Names are told only once a device was permitted, so that the first one may be another. */
  async #findPreferred() {
    if (this.#preferred === '') return undefined;
    const devices = await navigator.mediaDevices.enumerateDevices();
    const wanted = devices.find(
      ({ kind, label }) => kind === `${this.#kind}input` && label.includes(this.#preferred),
    );
    return wanted?.deviceId;
  }

  async #switchToPreferred() {
    const used = this.#switch;
    const deviceId = await this.#findPreferred();
    if (deviceId !== undefined && deviceId !== this.#deviceId)
      used.abort('the preferred one is there');
  }

  #wait(time) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, time);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
