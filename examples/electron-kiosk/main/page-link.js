/** The end of the message port to the page: says what may come, and counts what has come. */

const TYPES = new Set(['tracks', 'chunk']);

export class PageLink {
  #port;
  #taken = 0;

  /**
   * @param port - a MessagePortMain
   * @param handlers - `onTracks(tracks)`, `onChunk(message)`, and `onClose()` when the page is gone
   */
  constructor(port, { onTracks, onChunk, onClose }) {
    this.#port = port;
    port.on('message', ({ data }) => {
      if (!TYPES.has(data?.type)) return;
      if (data.type === 'tracks') {
        onTracks(data.tracks);
        return;
      }
      // Also what could not be used: the page is told how much is on its way.
      this.#taken += 1;
      onChunk(data);
    });
    port.on('close', onClose);
    port.start();
  }

  /** Tells the page what to capture, and how. */
  sendSettings(settings) {
    this.#port.postMessage({ type: 'settings', settings });
  }

  /** Tells the page that chunks are taken from now on. */
  sendReady() {
    this.#port.postMessage({ type: 'ready' });
  }

  /** Tells how the upload fares. */
  sendStatus(status) {
    this.#port.postMessage({ type: 'status', status, taken: this.#taken });
  }

  close() {
    this.#port.close();
  }
}
