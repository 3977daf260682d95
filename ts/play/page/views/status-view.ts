import { element, setText } from '../elements.js';
import type { PlaybackState } from '../playback.js';

/** What each state is called, what colour the lamp has, and what to say where there is no picture. */
const STATES: Readonly<Record<PlaybackState, { name: string; mood: string; text: string }>> = {
  connecting: { name: 'Connecting', mood: 'starting', text: 'Asking the service for media.' },
  waiting: { name: 'Waiting', mood: 'busy', text: 'Nothing is sent at the moment.' },
  playing: { name: 'Playing', mood: 'live', text: '' },
  paused: { name: 'Paused', mood: 'busy', text: '' },
  ended: { name: 'Ended', mood: 'busy', text: 'The range has been played to its end.' },
  failed: { name: 'Not playing', mood: 'wrong', text: '' },
};

/** How long a state lasts before it is read out: most pass at once. */
const SETTLED = 700;

/** Says in one word how it goes, and in a sentence over the picture what is to be done about it. */
export class StatusView {
  readonly #state = element('state');
  readonly #message = element('message');
  readonly #title = element('message-title');
  readonly #text = element('message-text');
  readonly #retry = element('retry', 'button');
  readonly #announcement = element('announcement');
  #announcing: number | undefined;

  constructor(onRetry: () => void) {
    this.#retry.addEventListener('click', onRetry);
  }

  /** Shows a state; `text` replaces what is usually said of it. `isLive` is about playing. */
  show(state: PlaybackState, text: string | undefined, isLive: boolean): void {
    const known = STATES[state];
    const name = state === 'playing' && isLive ? 'Live' : known.name;
    const sentence = text ?? known.text;
    document.body.dataset['mood'] = known.mood;
    document.body.dataset['state'] = state;
    setText(this.#state, name);
    const hadFocus = document.activeElement === this.#retry;
    this.#message.hidden = state === 'playing' || state === 'paused';
    this.#retry.hidden = state !== 'failed' && state !== 'ended';
    setText(this.#retry, state === 'ended' ? 'Play again' : 'Try again');
    if (hadFocus && this.#retry.hidden) element('toggle').focus();
    setText(this.#title, name);
    setText(this.#text, sentence);
    window.clearTimeout(this.#announcing);
    this.#announcing = window.setTimeout(() => {
      setText(this.#announcement, sentence === '' ? name : `${name}: ${sentence}`);
    }, SETTLED);
  }
}
