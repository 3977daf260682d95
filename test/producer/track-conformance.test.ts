/** Timecode scales, several tracks and metadata, judged by mkvinfo, ffprobe and ffmpeg. */
import * as assert from 'uvu/assert';
import type { StreamDefinition, TrackInfo } from '../../ts/index.js';
import { START } from '../addon/support/native.js';
import { suite, type TestContext } from '../support/suite.js';
import {
  ABSOLUTE,
  X264,
  NO_B,
  assertPackets,
  assertSamePictures,
  decoded,
  listing,
  mix,
  picture,
  requireTools,
  send,
  tone,
  type Packet,
} from './support/conformance.js';

const test = suite('track conformance', { timeout: 60_000 });

/** Milliseconds of the scale, frames a second, frames in a group, frames. */
const SCALES: readonly (readonly [scale: number, rate: number, group: number, frames: number])[] = [
  [0.0001, 25, 1, 20],
  [0.001, 100, 3, 60],
  [0.01, 25, 8, 50],
  [0.1, 25, 50, 100],
  [1, 25, 50, 100],
  [10, 25, 50, 100],
  [100, 10, 20, 40],
  [1000, 1, 5, 20],
];

for (const [timecodeScale, rate, group, frames] of SCALES) {
  for (const absoluteFragmentTimes of [true, false]) {
    const kind = absoluteFragmentTimes ? 'absolute' : 'relative';
    test(`a timecode scale of ${timecodeScale} ms keeps ${kind} times within half a unit`, (t) => {
      requireTools(t, 'libx264');
      const options = [...X264, ...NO_B, '-g', String(group), '-sc_threshold', '0'];
      const source = picture(t, options, rate, frames);
      const track = { codec: 'h264', codecPrivateData: source.extradata };
      const definition = { tracks: [track], timecodeScale, absoluteFragmentTimes };
      const file = send(t, definition, source.packets);
      listing(file);
      const first = source.packets[0]?.presentationTs ?? 0;
      const origin = absoluteFragmentTimes ? START : -first;
      // ffprobe prints whole microseconds.
      assertPackets(
        file,
        0,
        source.packets,
        { origin, tolerance: timecodeScale / 2 + 0.002 },
        'times',
      );
      assertSamePictures(file, source, 'h264', frames);
    });
  }
}

/** Picture and sound from sources of their own, for tests of several tracks. */
function pictureAndSound(t: TestContext) {
  const video = picture(t, [...X264, ...NO_B]);
  const audio = tone(t, ['-c:a', 'aac'], 44_100, 2);
  const sound = audio.packets.filter(({ presentationTs }) => presentationTs >= 0);
  const tracks = [
    { codec: 'h264', codecPrivateData: video.extradata, trackName: 'picture' },
    { codec: 'aac', trackId: 2, codecPrivateData: audio.extradata, trackName: 'sound' },
  ];
  return { video, sound, tracks };
}

test('two tracks come out in order, each with its packets', (t) => {
  requireTools(t, 'libx264');
  const { video, sound, tracks } = pictureAndSound(t);
  for (const absoluteFragmentTimes of [true, false]) {
    const definition = { tracks, absoluteFragmentTimes };
    const file = send(t, definition, mix(video.packets, sound));
    listing(file);
    const origin = absoluteFragmentTimes ? START : -(video.packets[0]?.presentationTs ?? 0);
    assertPackets(file, 0, video.packets, { ...ABSOLUTE, origin }, 'times');
    assertPackets(file, 1, sound, { ...ABSOLUTE, origin });
    assertSamePictures(file, video, 'h264');
  }
});

test('H.264 goes with G.711 of either law, as the service plays it', (t) => {
  requireTools(t, 'libx264');
  const video = picture(t, [...X264, ...NO_B]);
  for (const codec of ['alaw', 'mulaw']) {
    const audio = tone(t, ['-c:a', `pcm_${codec}`]);
    const tracks: TrackInfo[] = [
      { codec: 'h264', codecPrivateData: video.extradata },
      { codec, trackId: 2, samplingFrequency: 8000, channels: 1 },
    ];
    const file = send(t, { tracks }, mix(video.packets, audio.packets));
    listing(file);
    assertPackets(file, 1, audio.packets, ABSOLUTE);
    assertSamePictures(file, video, 'h264');
    assert.equal(decoded(file, 'audio'), decoded(audio.file, 'audio'));
  }
});

/** Readings of a sensor, ten a second. */
function readings(): Packet[] {
  return Array.from({ length: 20 }, (_, index) => ({
    trackId: 1,
    data: Buffer.from(JSON.stringify({ celsius: 20 + index / 10 })),
    keyFrame: true,
    presentationTs: index * 100 + 50,
    decodingTs: index * 100 + 50,
    duration: 100,
  }));
}

test('a track of sensor readings goes beside picture and sound', (t) => {
  requireTools(t, 'libx264');
  const { video, sound, tracks } = pictureAndSound(t);
  const sensor = readings();
  const definition: Omit<StreamDefinition, 'streamName'> = {
    tracks: [...tracks, { codecId: 'D_SENSOR/JSON', trackId: 3 }],
  };
  const file = send(t, definition, mix(video.packets, sound, sensor));
  const listed = listing(file);
  assert.match(listed, /Codec ID: D_SENSOR\/JSON/);
  assert.is(listed.match(/track number 3,/g)?.length, sensor.length);
  assertPackets(file, 0, video.packets, ABSOLUTE, 'times');
  assertPackets(file, 1, sound, ABSOLUTE);
  assertSamePictures(file, video, 'h264');
});

test('sensor readings may be alone', (t) => {
  requireTools(t);
  const file = send(t, { tracks: [{ codecId: 'D_SENSOR/JSON' }] }, readings());
  const listed = listing(file);
  assert.is(listed.match(/track number 1,/g)?.length, 20);
});

test('metadata stands behind the cluster of its fragment, and the segment has its UUID', (t) => {
  requireTools(t, 'libx264');
  const { video, sound, tracks } = pictureAndSound(t);
  const packets = mix(video.packets, sound);
  const file = send(t, { tracks }, packets, (put, index) => {
    if (index === 0) put('first', 'Grüße');
    if (index === packets.length >> 1) put('second', 'v'.repeat(256));
  });
  const listed = listing(file);
  assert.match(listed, /Segment UID:( 0x07){16}/);
  assert.match(listed, /\+ Name: first\n[|\s]*\+ String: Grüße/);
  assert.match(listed, /\+ Name: second\n[|\s]*\+ String: v{256}/);
  assert.is(listed.match(/\+ Tags/g)?.length, 2);
  assertPackets(file, 0, video.packets, ABSOLUTE, 'times');
  assertPackets(file, 1, sound, ABSOLUTE);
  assertSamePictures(file, video, 'h264');
});
