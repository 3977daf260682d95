import type { LoggedFragment } from '../../media/fragment-log.js';
import { element, make, setText } from '../elements.js';
import { exactTime, seconds, size } from './format.js';

/** Everything that is known of one fragment. */
export class FragmentView {
  readonly #title = element('fragment-title');
  readonly #facts = element('fragment-facts');
  readonly #metadataTitle = element('metadata-title');
  readonly #metadata = element('metadata');
  #signature = '';

  /** Shows a fragment, the one that was chosen or else the newest. */
  render(fragment: LoggedFragment | undefined, isChosen: boolean): void {
    setText(this.#title, isChosen ? 'Chosen fragment' : 'Newest fragment');
    const facts = fragment === undefined ? [] : factsOf(fragment);
    const metadata = fragment?.metadata ?? [];
    const signature = JSON.stringify([facts, metadata]);
    if (signature === this.#signature) return;
    this.#signature = signature;
    const rows = facts.map(([name, value, isWide]) => row(name, value, isWide === true));
    if (rows.length === 0) rows.push(row('', 'None has come yet.', true));
    this.#facts.replaceChildren(...rows);
    this.#metadataTitle.hidden = metadata.length === 0;
    this.#metadata.replaceChildren(...metadata.map(({ name, value }) => row(name, value, true)));
  }
}

type Fact = readonly [name: string, value: string, isWide?: boolean];

function factsOf(fragment: LoggedFragment): Fact[] {
  const { number, start, serverTime, duration, bytes, acks, isWhole } = fragment;
  return [
    ['Number', number === '' ? '–' : number, true],
    ['Producer time', exactTime(start)],
    ['Server time', serverTime === undefined ? '–' : exactTime(serverTime)],
    ['Duration', isWhole ? seconds(duration) : `${seconds(duration)}, arriving`],
    ['Size', size(bytes)],
    ...acks.map(({ type, time, error }): Fact => {
      const name = `${type.slice(0, 1)}${type.slice(1).toLowerCase()}`;
      return [name, error ?? `after ${Math.round(time - start)} ms`, error !== undefined];
    }),
  ];
}

function row(name: string, value: string, isWide: boolean): HTMLElement {
  const made = make(
    'div',
    {},
    make('dt', { textContent: name }),
    make('dd', { textContent: value }),
  );
  if (isWide) made.className = 'wide';
  return made;
}
