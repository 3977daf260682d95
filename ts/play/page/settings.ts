/** What is played and how, as the form shows it and the address keeps it. */
import { element, make } from './elements.js';
import type { When } from './playback.js';

/** The ways to play. */
export type Way = 'low-latency' | 'hls' | 'dash';

/** What is chosen. Times are epoch milliseconds. */
export interface Settings {
  readonly way: Way;
  readonly player: string;
  readonly container: 'fmp4' | 'ts';
  readonly when: When;
}

/** How long a range is when only its beginning is known, and how long by default. */
const DEFAULT_RANGE = 60_000;

const PLAYERS: Readonly<Record<Way, Readonly<Record<string, string>>>> = {
  'low-latency': { webcodecs: 'WebCodecs', mse: 'Media Source Extensions' },
  hls: { 'hls.js': 'hls.js', 'video.js': 'Video.js', shaka: 'Shaka Player' },
  dash: { 'dash.js': 'dash.js', shaka: 'Shaka Player' },
};

/** The form of the page. */
export class SettingsForm {
  readonly #form = element('settings', 'form');
  readonly #onChange: (settings: Settings) => void;
  readonly #unavailable: ReadonlySet<string>;

  /** @param unavailable players that this browser has no use for */
  constructor(unavailable: ReadonlySet<string>, onChange: (settings: Settings) => void) {
    this.#unavailable = unavailable;
    this.#onChange = onChange;
    this.#restore();
    this.#form.addEventListener('change', ({ target }) => {
      const { name } = target as HTMLInputElement;
      if (name === 'way') this.#fillPlayers();
      this.#showFields();
      // A range is played when both of its ends are set.
      if (name !== 'from' && name !== 'to') this.#apply();
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#apply();
    });
  }

  /** What is chosen now. */
  get settings(): Settings {
    return {
      way: this.#value('way') as Way,
      player: this.#value('player'),
      container: this.#value('container') === 'ts' ? 'ts' : 'fmp4',
      when: this.#when(),
    };
  }

  /** Chooses when to play. */
  choose(when: When): void {
    this.#set('when', when.live ? 'live' : 'on-demand');
    if (!when.live) {
      this.#setTime('from', when.start);
      this.#setTime('to', when.end);
    }
    this.#showFields();
    this.#apply();
  }

  #when(): When {
    const start = this.#time('from');
    if (this.#value('when') !== 'on-demand' || start === undefined) return { live: true };
    return { live: false, start, end: this.#time('to') ?? start + DEFAULT_RANGE };
  }

  #apply(): void {
    const { from, to } = { from: this.#field('from'), to: this.#field('to') };
    const start = this.#time('from');
    const end = this.#time('to');
    const isBackwards =
      this.#value('when') === 'on-demand' &&
      start !== undefined &&
      end !== undefined &&
      end <= start;
    to.setCustomValidity(isBackwards ? 'The end has to be behind the beginning.' : '');
    if (!from.reportValidity() || !to.reportValidity()) return;
    this.#keep();
    this.#onChange(this.settings);
  }

  /** Fills the form with what the address says, and the rest with what is usual. */
  #restore(): void {
    const kept = new URLSearchParams(location.hash.slice(1));
    const way = kept.get('way') ?? '';
    this.#set('way', way in PLAYERS ? way : 'low-latency');
    this.#fillPlayers();
    this.#set('player', kept.get('player') ?? '');
    this.#set('container', kept.get('container') === 'ts' ? 'ts' : 'fmp4');
    const start = Number(kept.get('start') ?? NaN);
    this.#set('when', Number.isFinite(start) ? 'on-demand' : 'live');
    if (Number.isFinite(start)) {
      this.#setTime('from', start);
      this.#setTime('to', Number(kept.get('end') ?? start + DEFAULT_RANGE));
    }
    this.#showFields();
  }

  #keep(): void {
    const { way, player, container, when } = this.settings;
    const kept = new URLSearchParams({ way, player });
    if (way === 'hls') kept.set('container', container);
    if (!when.live) {
      kept.set('start', String(when.start));
      kept.set('end', String(when.end));
    }
    history.replaceState(null, '', `#${kept.toString()}`);
  }

  #fillPlayers(): void {
    const select = this.#form.elements.namedItem('player') as HTMLSelectElement;
    const players = Object.entries(PLAYERS[this.#value('way') as Way]);
    const options = players.map(([value, name]) => {
      const disabled = this.#unavailable.has(value);
      return make('option', { value, disabled }, disabled ? `${name} (not in this browser)` : name);
    });
    select.replaceChildren(...options);
    select.value = options.find(({ disabled }) => !disabled)?.value ?? '';
  }

  #showFields(): void {
    element('container-field').hidden = this.#value('way') !== 'hls';
    const isOnDemand = this.#value('when') === 'on-demand';
    element('range-field').hidden = !isOnDemand;
    if (isOnDemand && this.#time('from') === undefined) {
      this.#setTime('from', Date.now() - DEFAULT_RANGE);
      this.#setTime('to', Date.now());
    }
  }

  #value(name: string): string {
    const { value } = this.#form.elements.namedItem(name) as RadioNodeList | HTMLSelectElement;
    return value;
  }

  #set(name: string, value: string): void {
    const field = this.#form.elements.namedItem(name) as RadioNodeList | HTMLSelectElement;
    const before = field.value;
    field.value = value;
    // What a select does not offer leaves it empty.
    if (field.value === '') field.value = before;
  }

  #field(name: string): HTMLInputElement {
    return this.#form.elements.namedItem(name) as HTMLInputElement;
  }

  #time(name: string): number | undefined {
    const time = new Date(this.#field(name).value).getTime();
    return Number.isNaN(time) ? undefined : time;
  }

  /** The field is in local time and knows no zones. */
  #setTime(name: string, time: number): void {
    const local = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
    this.#field(name).value = local.toISOString().slice(0, 23);
  }
}
