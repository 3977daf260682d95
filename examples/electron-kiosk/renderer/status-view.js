/** The screen. Only a change of the mood is announced to screen readers, not each number. */
import { bitrate, duration, moment, summarize } from './status-text.js';

const HISTORY = 60;
const WIDTH = 120;
const HEIGHT = 28;

export class StatusView {
  #latencies = [];
  #storedAt;

  /** Shows what is known. */
  show({ status, camera, counts, now = Date.now() }) {
    const { mood, headline, explanation } = summarize({ status, camera, now });
    document.body.dataset.mood = mood;
    write('headline', headline);
    write('explanation', explanation);
    // Written only when it changes: each writing is read out.
    write('announcement', `${headline}. ${explanation}`);
    const { latency, droppedFrames = 0, missed = 0 } = status ?? {};
    write('stored', moment(status?.lastPersistedAt, now));
    write('latency', latency === undefined ? '–' : duration(latency.last));
    write('buffered', duration(status?.buffered));
    write('rate', bitrate(status?.bytesPerSecond));
    write('frames', String(status?.framesPut ?? 0));
    write('drops', `${droppedFrames} / ${counts.skipped + missed}`);
    write('camera', camera?.name ?? camera?.problem ?? '–');
    write('stream', status === undefined ? '–' : `${status.streamName}, ${status.place}`);
    this.#draw(status);
  }

  #draw(status) {
    if (status?.latency === undefined || status.lastPersistedAt === this.#storedAt) return;
    this.#storedAt = status.lastPersistedAt;
    this.#latencies.push(status.latency.last);
    if (this.#latencies.length > HISTORY) this.#latencies.shift();
    const top = Math.max(...this.#latencies, 1);
    const points = this.#latencies.map((latency, index) => {
      const x = (index / Math.max(1, this.#latencies.length - 1)) * WIDTH;
      return `${x.toFixed(1)},${(HEIGHT - (latency / top) * (HEIGHT - 2) - 1).toFixed(1)}`;
    });
    document.querySelector('#history polyline').setAttribute('points', points.join(' '));
  }
}

function write(id, text) {
  const element = document.getElementById(id);
  if (element.textContent !== text) element.textContent = text;
}
