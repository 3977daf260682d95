import { FragmentLog, type LoggedFragment } from '../media/fragment-log.js';
import { getConfig, getFragments, watchAcks } from './api.js';
import { element, setText } from './elements.js';
import { createPlayback, unavailablePlayers } from './create-playback.js';
import type { Playback, PlaybackEvents, PlaybackState } from './playback.js';
import { SettingsForm, type Settings } from './settings.js';
import { FragmentView } from './views/fragment-view.js';
import { clockTime } from './views/format.js';
import { LatencyView } from './views/latency-view.js';
import { StatusView } from './views/status-view.js';
import { TimelineView } from './views/timeline-view.js';

/** How often numbers change: faster than that nobody reads them. */
const RENDER_INTERVAL = 250;
/** How often the service is asked for its fragments, and how far back, in milliseconds. */
const LIST_INTERVAL = 3000;
const LIST_SPAN = 60_000;
/** How much is played on demand from a fragment that was chosen. */
const REPLAY_SPAN = 60_000;

const log = new FragmentLog();
const latency = new LatencyView();
const fragmentView = new FragmentView();
const status = new StatusView(() => {
  start(form.settings);
});
const timeline = new TimelineView(log, onChoose, (fragment) => {
  form.choose({ live: false, start: fragment.start, end: fragment.start + REPLAY_SPAN });
});
const form = new SettingsForm(unavailablePlayers(), start);

let playback: Playback | undefined;
let state: PlaybackState = 'connecting';
let isLive = true;
let isMuted = true;
let chosen: LoggedFragment | undefined;

/** Ends what is played and begins with what is chosen. */
function start(settings: Settings): void {
  playback?.destroy();
  latency.reset();
  isLive = settings.when.live;
  const current: PlaybackEvents = {
    state: (next, text) => {
      // What is ending may still have something to say.
      if (playback === created) show(next, text);
    },
    shown: (time) => {
      latency.shown(time);
    },
    skipped: (frames) => {
      latency.skipped(frames);
    },
    received: (bytes) => {
      latency.received(bytes);
    },
    picture: (text) => {
      latency.picture(text);
    },
    fragment: (header) => {
      log.begin(header);
    },
    frame: (frame) => {
      log.add(frame);
    },
    fragmentEnd: (end) => {
      log.end(end);
    },
  };
  let created: Playback | undefined;
  playback = undefined;
  show('connecting', undefined);
  try {
    created = createPlayback(settings, element('stage'), current);
    playback = created;
    playback.setMuted(isMuted);
    playback.play();
  } catch (error) {
    show('failed', error instanceof Error ? error.message : String(error));
  }
}

function show(next: PlaybackState, text: string | undefined): void {
  state = next;
  status.show(next, text, isLive);
  const isPlaying = next === 'playing' || next === 'waiting' || next === 'connecting';
  setText(element('toggle'), isPlaying ? 'Pause' : 'Play');
  element('toggle', 'button').disabled = next === 'failed';
}

function toggle(): void {
  if (state === 'ended') start(form.settings);
  else if (state === 'paused') playback?.play();
  else if (state !== 'failed') playback?.pause();
}

function toggleSound(): void {
  if (playback?.hasSound !== true) return;
  isMuted = !isMuted;
  playback.setMuted(isMuted);
  showSound();
}

function showSound(): void {
  const button = element('mute', 'button');
  const hasSound = playback?.hasSound === true;
  button.disabled = !hasSound;
  setText(button, hasSound ? `Turn sound ${isMuted ? 'on' : 'off'}` : 'No sound');
}

function goLive(): void {
  timeline.follow();
  if (isLive) playback?.goLive();
  else form.choose({ live: true });
}

function toggleFullscreen(): void {
  if (document.fullscreenElement === null) void element('player').requestFullscreen();
  else void document.exitFullscreen();
}

function onChoose(fragment: LoggedFragment | undefined): void {
  chosen = fragment;
  render();
}

function render(): void {
  latency.render(isLive);
  // Whether there is any is known only when the tracks are.
  showSound();
  const shown = latency.producerTime;
  setText(element('position'), shown === undefined ? '' : clockTime(shown));
  const newest = log.fragments.findLast(({ number }) => number !== '');
  fragmentView.render(chosen ?? newest, chosen !== undefined);
}

function animate(): void {
  const isStill = matchMedia('(prefers-reduced-motion: reduce)');
  const frame = (): void => {
    timeline.render(latency.producerTime);
    if (isStill.matches) setTimeout(frame, 1000);
    else requestAnimationFrame(frame);
  };
  frame();
}

/** Learns of fragments that are not read here. */
async function list(): Promise<void> {
  const now = Date.now();
  try {
    log.list(await getFragments(now - LIST_SPAN, now));
  } catch {
    // What plays, or does not, says more than a list that is missing.
  }
  setTimeout(() => void list(), LIST_INTERVAL);
}

const KEYS: Readonly<Record<string, () => void>> = {
  k: toggle,
  m: toggleSound,
  l: goLive,
  f: toggleFullscreen,
};

function onKey(event: KeyboardEvent): void {
  const { target, key, ctrlKey, altKey, metaKey } = event;
  const isTyping = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
  const action = KEYS[key.toLowerCase()];
  if (action === undefined || isTyping || ctrlKey || altKey || metaKey) return;
  event.preventDefault();
  action();
}

async function main(): Promise<void> {
  element('toggle').addEventListener('click', toggle);
  element('mute').addEventListener('click', toggleSound);
  element('live').addEventListener('click', goLive);
  element('fullscreen').addEventListener('click', toggleFullscreen);
  document.addEventListener('keydown', onKey);
  try {
    const { streamName, region, endpoint, hasProducer } = await getConfig();
    document.title = `${streamName} – kvs play`;
    setText(element('stream'), streamName);
    setText(element('place'), endpoint === undefined ? region : `${region} at ${endpoint}`);
    element('legend').hidden = !hasProducer;
    if (hasProducer) watchAcks(log.acknowledge.bind(log));
  } catch (error) {
    show('failed', error instanceof Error ? error.message : String(error));
    return;
  }
  start(form.settings);
  setInterval(render, RENDER_INTERVAL);
  animate();
  void list();
}

void main();
