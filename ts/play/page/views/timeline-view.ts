import type { FragmentLog, LoggedFragment } from '../../media/fragment-log.js';
import type { AckEvent } from '../../protocol.js';
import { element, make, setText } from '../elements.js';
import { clockTime, seconds, describeFragment } from './format.js';

/** How much time the timeline shows, in milliseconds. */
const SPAN = 30_000;
/** Room behind the present, in which acknowledgements come. */
const MARGIN = 0.04;
/** From one time that is written to the next, where there is room and where there is not. */
const SECONDS_APART = 5000;
const SECONDS_APART_NARROW = 10_000;
const NARROW = 600;

/** No fragment is longer, in milliseconds. */
const MAX_UNKNOWN = 20_000;

interface Marks {
  readonly bar: HTMLElement;
  readonly acks: Map<string, HTMLElement>;
}

/** Fragments and acknowledgements over time, as a list from which one can be chosen. */
export class TimelineView {
  readonly #list = element('fragments');
  readonly #track = element('track');
  readonly #playhead = element('playhead');
  readonly #log: FragmentLog;
  readonly #marks = new Map<string, Marks>();
  readonly #seconds = new Map<number, HTMLElement>();
  readonly #onChoose: (fragment: LoggedFragment | undefined) => void;
  readonly #onPlay: (fragment: LoggedFragment) => void;
  #chosen: string | undefined;
  /** The time at the left end of the track, to which it is moved. */
  readonly #origin = Date.now();
  /** The end of what is shown, when that is not the present. */
  #end: number | undefined;

  constructor(
    log: FragmentLog,
    onChoose: (fragment: LoggedFragment | undefined) => void,
    onPlay: (fragment: LoggedFragment) => void,
  ) {
    this.#log = log;
    this.#onChoose = onChoose;
    this.#onPlay = onPlay;
    this.#list.addEventListener('keydown', (event) => {
      this.#onKey(event);
    });
    this.#list.addEventListener('click', ({ target }) => {
      const key = target instanceof HTMLElement ? target.dataset['key'] : undefined;
      if (key !== undefined) this.#choose(key);
    });
    this.#list.addEventListener('dblclick', () => {
      this.#playChosen();
    });
  }

  /** Draws what is known; `shown` is the time of the picture on the screen. */
  render(shown: number | undefined): void {
    const now = this.#end ?? Date.now();
    const width = this.#list.clientWidth;
    const scale = width / SPAN;
    const left = now - SPAN * (1 - MARGIN);
    this.#track.style.transform = `translateX(${((this.#origin - left) * scale).toFixed(1)}px)`;
    const isSeen = shown !== undefined && shown >= left && shown <= left + SPAN;
    this.#playhead.hidden = !isSeen;
    if (isSeen)
      this.#playhead.style.transform = `translateX(${((shown - left) * scale).toFixed(1)}px)`;
    this.#drawSeconds(left, scale);
    const fragments = this.#log.fragments;
    for (const [key, marks] of this.#marks) {
      const isKept = (this.#log.get(key)?.start ?? 0) > left - SPAN;
      if (!isKept && key !== this.#chosen) this.#remove(key, marks);
    }
    for (const [index, fragment] of fragments.entries()) {
      if (fragment.start + fragment.duration >= left && fragment.start <= left + SPAN) {
        const length = lengthOf(fragment, fragments[index + 1]?.start ?? now);
        this.#drawFragment(fragment, length, scale);
      }
    }
  }

  /** Follows the newest fragment again. */
  follow(): void {
    this.#end = undefined;
    this.#select(undefined);
  }

  #drawFragment(fragment: LoggedFragment, duration: number, scale: number): void {
    const { key, start, isWhole, acks } = fragment;
    const marks = this.#marksOf(fragment);
    const { bar } = marks;
    place(bar, (start - this.#origin) * scale);
    bar.style.width = `${Math.max(3, duration * scale - 2).toFixed(1)}px`;
    bar.toggleAttribute('data-open', !isWhole);
    setText(bar, duration * scale < 40 ? '' : seconds(duration));
    bar.setAttribute('aria-label', describeFragment(fragment));
    bar.setAttribute('aria-selected', String(key === this.#chosen));
    for (const ack of acks) place(this.#markOf(marks, ack), (ack.time - this.#origin) * scale);
  }

  #marksOf({ key, start }: LoggedFragment): Marks {
    const known = this.#marks.get(key);
    if (known !== undefined) return known;
    const bar = make('div', { className: 'bar', id: `fragment-${key}`, role: 'option' });
    bar.dataset['key'] = key;
    const made = { bar, acks: new Map<string, HTMLElement>() };
    // In the order of time, in which they are read out.
    const next = [...this.#marks.keys()].filter((other) => Number(other) > start).sort()[0];
    this.#track.insertBefore(bar, next === undefined ? null : (this.#marks.get(next)?.bar ?? null));
    this.#marks.set(key, made);
    return made;
  }

  #markOf({ acks }: Marks, { type }: AckEvent): HTMLElement {
    const known = acks.get(type);
    if (known !== undefined) return known;
    const mark = make('div', { className: 'ack', ariaHidden: 'true' });
    mark.dataset['mark'] = type.toLowerCase();
    this.#track.append(mark);
    acks.set(type, mark);
    return mark;
  }

  #remove(key: string, { bar, acks }: Marks): void {
    bar.remove();
    for (const mark of acks.values()) mark.remove();
    this.#marks.delete(key);
  }

  #drawSeconds(left: number, scale: number): void {
    const apart = scale * SPAN < NARROW ? SECONDS_APART_NARROW : SECONDS_APART;
    const first = Math.ceil((left - apart) / apart) * apart;
    for (const [time, mark] of this.#seconds) {
      if (time >= first && time <= left + SPAN && time % apart === 0) continue;
      mark.remove();
      this.#seconds.delete(time);
    }
    for (let time = first; time <= left + SPAN; time += apart) {
      let mark = this.#seconds.get(time);
      if (mark === undefined) {
        mark = make('div', { className: 'second', ariaHidden: 'true' }, clockTime(time));
        this.#track.prepend(mark);
        this.#seconds.set(time, mark);
      }
      place(mark, (time - this.#origin) * scale);
    }
  }

  #onKey(event: KeyboardEvent): void {
    const handled = this.#keyAction(event.key);
    if (handled) event.preventDefault();
  }

  #keyAction(key: string): boolean {
    const { fragments } = this.#log;
    const index = fragments.findIndex((fragment) => fragment.key === this.#chosen);
    const last = fragments.length - 1;
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: index < 0 ? last : Math.max(0, index - 1),
      ArrowRight: index < 0 ? last : Math.min(last, index + 1),
      Home: 0,
      End: last,
    };
    const target = fragments[steps[key] ?? -1];
    if (target !== undefined) this.#choose(target.key);
    else if (key === 'Enter') this.#playChosen();
    else if (key === 'Escape') this.follow();
    else return false;
    return true;
  }

  #choose(key: string): void {
    const start = this.#log.get(key)?.start ?? 0;
    const end = this.#end ?? Date.now();
    const isSeen = start > end - SPAN * (1 - MARGIN) && start < end;
    if (!isSeen) this.#end = start + SPAN / 2;
    else this.#end = end;
    this.#select(key);
    this.render(undefined);
  }

  #select(key: string | undefined): void {
    this.#chosen = key;
    const chosen = key === undefined ? undefined : this.#log.get(key);
    this.render(undefined);
    if (key === undefined) this.#list.removeAttribute('aria-activedescendant');
    else this.#list.setAttribute('aria-activedescendant', `fragment-${key}`);
    for (const [other, { bar }] of this.#marks) {
      bar.setAttribute('aria-selected', String(other === key));
    }
    this.#onChoose(chosen);
  }

  #playChosen(): void {
    const chosen = this.#chosen === undefined ? undefined : this.#log.get(this.#chosen);
    if (chosen !== undefined) this.#onPlay(chosen);
  }
}

/** How long a fragment is; of one that only the acknowledgements tell of, how long it may be. */
function lengthOf({ start, duration }: LoggedFragment, next: number): number {
  return duration > 0 ? duration : Math.min(MAX_UNKNOWN, Math.max(0, next - start));
}

function place(mark: HTMLElement, x: number): void {
  mark.style.left = `${x.toFixed(1)}px`;
}
