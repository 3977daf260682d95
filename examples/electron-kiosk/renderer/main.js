/** The page: camera and microphone, their encoders, the link to the upload, and the screen. */
import { AudioSender } from './audio-sender.js';
import { Capture } from './capture.js';
import { StatusView } from './status-view.js';
import { UploadLink } from './upload-link.js';
import { VideoSender } from './video-sender.js';

/** Milliseconds between two looks at the screen. */
const REFRESH = 500;
/** Milliseconds that the picture waits for the sound; what comes later begins a stream of its own. */
const SOUND_PATIENCE = 5000;

const view = new StatusView();
const preview = document.getElementById('preview');
const tracks = [{ kind: 'video', codec: 'h264' }];
let link;
let status;
let camera;
let video;
/** Fulfilled when all is there that shall be announced; undefined until the settings have come. */
let begun;
let isAnnounced = false;

// The port comes from the preload script, and a new one when the upload was started again.
window.addEventListener('message', ({ source, data, ports: [port] }) => {
  if (source !== window || data !== 'upload-port' || port === undefined) return;
  link?.close();
  link = new UploadLink(port, {
    onSettings: (settings) => {
      begun ??= begin(settings);
      void begun.then(announce);
    },
    onReady: () => {
      video.requestKeyFrame();
    },
    onStatus: (latest) => {
      status = latest;
    },
  });
});

setInterval(() => {
  view.show({ status, camera, counts: video?.counts ?? { skipped: 0 } });
}, REFRESH);

function announce() {
  isAnnounced = true;
  link.announce(tracks);
}

async function begin(settings) {
  beginVideo(settings.video);
  if (!settings.microphone) return;
  const sound = new Promise((resolve) => {
    beginAudio(resolve);
  });
  await Promise.race([sound, new Promise((resolve) => setTimeout(resolve, SOUND_PATIENCE))]);
}

function beginVideo(settings) {
  const { width, height, frameRate, camera: preferred } = settings;
  video = new VideoSender(settings, () => link);
  new Capture({
    kind: 'video',
    constraints: {
      width: { ideal: width },
      height: { ideal: height },
      frameRate: { ideal: frameRate },
    },
    preferred,
    onFrame: (frame) => {
      video.take(frame);
    },
    onState: (state) => {
      camera = state;
      if (state.isLive) video.restart();
      preview.srcObject = state.stream ?? null;
    },
  });
}

function beginAudio(onBegun) {
  const audio = new AudioSender(
    () => link,
    (track) => {
      tracks.push(track);
      onBegun();
      if (isAnnounced) announce();
    },
  );
  new Capture({
    kind: 'audio',
    constraints: { channelCount: { ideal: 1 } },
    onFrame: (data) => {
      audio.take(data);
    },
    onState: ({ isLive, problem }) => {
      if (isLive) audio.restart();
      if (problem !== undefined) console.warn(`There is no sound: ${problem}`);
    },
  });
}
