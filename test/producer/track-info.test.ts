/** What has to be said of a track, and what follows from the rest. */
import * as assert from 'uvu/assert';
import { KinesisVideoError } from '../../ts/internal/errors.js';
import { CODEC_NAMES, codecById, codecByName } from '../../ts/producer/codecs.js';
import { resolveTrack, withTrackIds, type TrackInfo } from '../../ts/producer/track-info.js';
import { suite } from '../support/suite.js';

const test = suite('track description');

const RATE = { samplingFrequency: 8000, channels: 1 };
const SIZE = { width: 640, height: 360 };

function refusal(track: TrackInfo): KinesisVideoError {
  try {
    resolveTrack(track, 'tracks[0]');
  } catch (error) {
    if (error instanceof KinesisVideoError) return error;
    throw error;
  }
  throw new Error('The track was accepted');
}

test('every codec has an id, a media type and a kind of track', () => {
  for (const name of CODEC_NAMES) {
    const known = codecByName(name);
    const { codecId, mediaType, trackType } = resolveTrack(
      { codec: name, ...RATE, ...SIZE },
      'track',
    );
    assert.is(codecId, known?.codecId);
    assert.is(mediaType, known?.mediaType);
    assert.is(trackType, known?.trackType);
    assert.ok(codecId.length <= 32 && codecId.startsWith(trackType === 'video' ? 'V_' : 'A_'));
    assert.match(mediaType, /^(video|audio)\/[\w.+-]+$/);
  }
});

test('the names of ffmpeg are known', () => {
  const ids = ['hevc', 'mjpeg', 'opus', 'pcm_s16le', 'pcm_s24be', 'pcm_f64le'].map((name) => {
    const { codecId, bitDepth } = resolveTrack({ codec: name, ...RATE }, 'track');
    return [codecId, bitDepth];
  });
  assert.equal(ids, [
    ['V_MPEGH/ISO/HEVC', 0],
    ['V_MJPEG', 0],
    ['A_OPUS', 0],
    ['A_PCM/INT/LIT', 16],
    ['A_PCM/INT/BIG', 24],
    ['A_PCM/FLOAT/IEEE', 64],
  ]);
});

test('G.711 needs its rate and channels, and is told apart by its format tag', () => {
  const alaw = resolveTrack({ codec: 'alaw', ...RATE }, 'track');
  const mulaw = resolveTrack({ codec: 'pcm_mulaw', ...RATE }, 'track');
  assert.equal([...alaw.codecPrivateData], [6, 0]);
  assert.equal([...mulaw.codecPrivateData], [7, 0]);
  assert.is(mulaw.mediaType, 'audio/mulaw');
  const own = Uint8Array.from([6, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x40, 0x1f, 0, 0, 1, 0, 8, 0, 0, 0]);
  const given = resolveTrack({ codecId: 'A_MS/ACM', codecPrivateData: own }, 'track');
  assert.is(given.codecPrivateData, own);
  assert.is(given.mediaType, 'audio/alaw');
});

test('a codec id of its own takes nothing from the name beside it but the kind of track', () => {
  const track = resolveTrack({ codec: 'mulaw', codecId: 'A_OWN' }, 'track');
  assert.is(track.codecPrivateData.byteLength, 0);
  assert.is(track.trackType, 'audio');
  assert.is(track.mediaType, 'audio/x-matroska');
});

test('a track of sensor readings is neither video nor audio', () => {
  for (const codecId of ['D_SENSOR', 'S_TEXT/UTF8']) {
    const track = resolveTrack({ codecId }, 'track');
    assert.is(track.trackType, 'other');
    assert.is(track.mediaType, 'application/x-matroska');
  }
  assert.is(resolveTrack({ codecId: 'X', trackType: 'other' }, 'track').trackType, 'other');
  assert.match(refusal({ codecId: 'X' }).message, /'video', 'audio' or 'other' for tracks\[0\]/);
  assert.match(refusal({ codecId: 'X', trackType: 'text' as never }).message, /or 'other'/);
});

const REFUSED: readonly (readonly [TrackInfo, string, RegExp])[] = [
  [{ codec: 'aac', channels: 2 }, 'STATUS_MKV_INVALID_AAC_CPD', /AudioSpecificConfig/],
  [{ codecId: 'A_AAC/MPEG4/MAIN' }, 'STATUS_MKV_INVALID_AAC_CPD', /AudioSpecificConfig/],
  [{ codec: 'alaw' }, 'STATUS_MKV_INVALID_AMS_ACM_CPD', /samplingFrequency and channels/],
  [{ codecId: 'A_MS/ACM', ...RATE }, 'STATUS_MKV_INVALID_AMS_ACM_CPD', /WAVEFORMATEX.*'alaw'/],
  [{ codec: 'opus', channels: 6 }, 'STATUS_INVALID_ARG', /OpusHead.*more than 2 channels/],
  [{ codecId: 'V_MS/VFW/FOURCC', width: 640 }, 'STATUS_MKV_INVALID_BIH_CPD', /width and height/],
  [{ codec: 'pcm_s16le' }, 'STATUS_INVALID_ARG', /hertz for tracks\[0\]\.samplingFrequency/],
  [{ codecId: 'A_PCM/INT/BIG', ...RATE }, 'STATUS_INVALID_ARG', /bits of a sample.*bitDepth/],
];

test('a track that nobody could decode is refused with what it lacks', () => {
  for (const [track, code, message] of REFUSED) {
    const error = refusal(track);
    assert.is(error.code, code);
    assert.match(error.message, message);
  }
});

test('a kind of track that contradicts the codec is refused', () => {
  for (const track of [{ codec: 'h264' }, { codecId: 'V_MPEG4/ISO/AVC' }]) {
    const error = refusal({ ...track, trackType: 'audio' });
    assert.match(error.message, /'video', which .* is, or nothing for tracks\[0\]\.trackType/);
  }
  assert.is(resolveTrack({ codec: 'h264', trackType: 'video' }, 'track').trackType, 'video');
});

test('a track without a number has that of its place, or 1 when this one is taken', () => {
  const numbers = (...ids: (number | undefined)[]): unknown => {
    const tracks = ids.map((trackId) => ({ codec: 'h264', trackId }));
    return withTrackIds({ tracks }).tracks.map((track) => resolveTrack(track, 'track').trackId);
  };
  assert.equal(numbers(undefined, undefined, undefined), [1, 2, 3]);
  assert.equal(numbers(5, undefined), [5, 2]);
  assert.equal(numbers(2, undefined), [2, 1]);
  assert.is(withTrackIds(undefined as never), undefined);
  assert.equal(withTrackIds({ tracks: [null as never] }), { tracks: [null] });
});

test('a codec id leads back to a name', () => {
  assert.is(codecById('V_MPEG/ISO/HEVC')?.codec, 'h265');
  assert.is(codecById('A_AAC/MPEG4/LC')?.codec, 'aac');
  assert.is(codecById('A_PCM/INT/LIT', { bitDepth: 24 })?.codec, 'pcm_s24le');
  assert.is(codecById('A_PCM/INT/LIT'), undefined);
  assert.is(codecById('A_MS/ACM', { codecPrivateData: Uint8Array.of(7, 0) })?.codec, 'mulaw');
  assert.is(codecById('A_MS/ACM', { codecPrivateData: Uint8Array.of(1, 0) }), undefined);
  assert.is(codecById('A_AAC', { bitDepth: 16 })?.codec, 'aac');
});
