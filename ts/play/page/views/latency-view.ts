import { LatencyMeter } from '../../media/latency-meter.js';
import { element, setText } from '../elements.js';

const WIDTH = 300;
const HEIGHT = 60;
/** How far back frames and bytes are counted, in milliseconds. */
const WINDOW = 2000;

interface Counted {
  readonly at: number;
  readonly amount: number;
}

/** The numbers beside the picture. They change often, so they are not read out by themselves. */
export class LatencyView {
  readonly #meter = new LatencyMeter();
  #frames: Counted[] = [];
  #bytes: Counted[] = [];
  #shown = 0;
  #skipped = 0;
  #producerTime: number | undefined;
  readonly #line = document.querySelector('#history polyline');
  readonly #area = document.querySelector('#history polygon');

  /** Begins anew, with another player. */
  reset(): void {
    this.#meter.clear();
    this.#frames = [];
    this.#bytes = [];
    this.#shown = 0;
    this.#skipped = 0;
    this.#producerTime = undefined;
    setText(element('picture'), '–');
  }

  /** When the frame on the screen was put, in epoch milliseconds. */
  get producerTime(): number | undefined {
    return this.#producerTime;
  }

  /** A frame that was put at `time` is on the screen. */
  shown(time: number | undefined): void {
    const now = Date.now();
    this.#shown += 1;
    this.#frames.push({ at: now, amount: 1 });
    this.#producerTime = time;
    if (time !== undefined) this.#meter.add(now - time);
  }

  skipped(frames: number): void {
    this.#skipped += frames;
  }

  received(bytes: number): void {
    this.#bytes.push({ at: Date.now(), amount: bytes });
  }

  picture(text: string): void {
    setText(element('picture'), text);
  }

  /** Writes what has changed; `isLive` is false where a latency would mean nothing. */
  render(isLive: boolean): void {
    const summary = isLive ? this.#meter.summary() : undefined;
    const current = formatLatency(summary?.current);
    setText(element('latency-value'), current.value);
    setText(element('latency-unit'), current.unit);
    setText(element('median'), join(formatLatency(summary?.median)));
    setText(element('high'), join(formatLatency(summary?.high)));
    setText(element('shown'), `${this.#shown} / ${this.#skipped}`);
    const now = Date.now();
    this.#frames = recent(this.#frames, now);
    this.#bytes = recent(this.#bytes, now);
    setText(element('rate'), perSecond(this.#frames).toFixed(1));
    setText(element('bits'), formatBits(perSecond(this.#bytes) * 8));
    const badge = element('badge');
    badge.hidden = summary === undefined;
    setText(badge, join(current));
    this.#note(isLive, summary?.lowest);
    this.#drawHistory(isLive ? this.#meter.values : []);
    document.body.dataset['latency'] =
      summary === undefined ? '' : String(Math.round(summary.current));
  }

  #note(isLive: boolean, lowest: number | undefined): void {
    let text = '';
    if (!isLive) text = 'On demand there is no latency to measure: choose Live.';
    else if (lowest !== undefined && lowest < -20) {
      text =
        'The clock of the producer is ahead of this one: latencies are too small. Set both clocks.';
    }
    setText(element('latency-note'), text);
  }

  #drawHistory(values: readonly number[]): void {
    const top = Math.max(100, ...values) * 1.15;
    const step = WIDTH / Math.max(1, values.length - 1);
    const points = values.map((value, index) => {
      const y = HEIGHT - (Math.max(0, value) / top) * HEIGHT;
      return `${(index * step).toFixed(1)},${y.toFixed(1)}`;
    });
    const line = points.join(' ');
    this.#line?.setAttribute('points', line);
    this.#area?.setAttribute('points', line === '' ? '' : `0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`);
  }
}

function recent(counted: Counted[], now: number): Counted[] {
  return counted.filter(({ at }) => at > now - WINDOW);
}

function perSecond(counted: readonly Counted[]): number {
  const amount = counted.reduce((sum, one) => sum + one.amount, 0);
  return (amount * 1000) / WINDOW;
}

function formatLatency(milliseconds: number | undefined): { value: string; unit: string } {
  if (milliseconds === undefined) return { value: '–', unit: '' };
  const rounded = Math.round(milliseconds);
  if (Math.abs(rounded) < 1000) return { value: String(rounded), unit: 'ms' };
  return { value: (milliseconds / 1000).toFixed(2), unit: 's' };
}

function join({ value, unit }: { value: string; unit: string }): string {
  return unit === '' ? value : `${value} ${unit}`;
}

function formatBits(bits: number): string {
  if (bits === 0) return '–';
  return bits < 1e6 ? `${Math.round(bits / 1000)} kbit/s` : `${(bits / 1e6).toFixed(2)} Mbit/s`;
}
