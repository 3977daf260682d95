/** The page's end of the message port to the upload. */

/** Chunks that may be on their way; more means that the upload hangs, and what is captured is skipped. */
const MAX_UNTAKEN = 300;

export class UploadLink {
  #port;
  #isReady = false;
  #sent = 0;
  #taken = 0;

  /** @param handlers - `onSettings(settings)`, `onReady()` and `onStatus(status)` */
  constructor(port, { onSettings, onReady, onStatus }) {
    this.#port = port;
    port.onmessage = ({ data }) => {
      if (data.type === 'settings') onSettings(data.settings);
      if (data.type === 'ready') {
        this.#isReady = true;
        onReady();
      }
      if (data.type === 'status') {
        this.#taken = data.taken;
        onStatus(data.status);
      }
    };
  }

  /** Whether what is encoded now will be taken. */
  get isOpen() {
    return this.#isReady && this.#sent - this.#taken < MAX_UNTAKEN;
  }

  /** Tells what will be sent. The answer is `onReady`, once there is a stream for it. */
  announce(tracks) {
    this.#port.postMessage({ type: 'tracks', tracks });
  }

  /**
   * Sends a chunk of `video` or `audio`. Chunks cannot be cloned, so the bytes are; they are not
   * transferred, since a MessagePortMain of Electron gets nothing of a message with such a buffer
   * (electron/electron#34905).
   *
   * @param timestamp - microseconds since the epoch
   * @param description - of the codec, when the encoder has told one
   */
  send(kind, encoded, timestamp, description) {
    const data = new Uint8Array(encoded.byteLength);
    encoded.copyTo(data);
    const { type, duration } = encoded;
    this.#sent += 1;
    const chunk = { type, timestamp, duration, data };
    this.#port.postMessage({ type: 'chunk', kind, chunk, description });
  }

  close() {
    this.#isReady = false;
    this.#port.close();
  }
}
