import * as assert from 'uvu/assert';
import { openMedia } from '../../ts/ingest/index.js';
import { NalAdaptationFlags, type StreamDefinition, type TrackInfo } from '../../ts/index.js';
import { resolveDefinition } from '../../ts/producer/stream-definition.js';
import { suite } from '../support/suite.js';
import { failureOf } from './support/client.js';

const test = suite('stream definition');

/** Definitions that are wrong in one place, with the code and a part of the sentence. */
const WRONG: [change: Record<string, unknown>, code: string, message: RegExp][] = [
  [{ streamName: '' }, 'STATUS_INVALID_STREAM_NAME_LENGTH', /for streamName but received ""/],
  [{ streamName: 'a b' }, 'STATUS_INVALID_STREAM_NAME_LENGTH', /received "a b"/],
  [{ streamName: 'x'.repeat(257) }, 'STATUS_INVALID_STREAM_NAME_LENGTH', /\(257 characters\)/],
  [{ streamName: 5 }, 'STATUS_INVALID_STREAM_NAME_LENGTH', /received 5\./],
  [{ retentionPeriod: -1 }, 'STATUS_INVALID_RETENTION_PERIOD', /hours from 0 to 87600/],
  [{ retentionPeriod: 1.5 }, 'STATUS_INVALID_RETENTION_PERIOD', /whole number.*received 1\.5/],
  [{ retentionPeriod: '24' }, 'STATUS_INVALID_RETENTION_PERIOD', /received "24"/],
  [{ fragmentDuration: 999 }, 'STATUS_MKV_INVALID_CLUSTER_DURATION', /from 1000 to 30000/],
  [{ fragmentDuration: NaN }, 'STATUS_MKV_INVALID_CLUSTER_DURATION', /received NaN/],
  [{ bufferDuration: 10 }, 'STATUS_INVALID_CONTENT_VIEW_DURATION', /received 10\./],
  [{ timecodeScale: 0 }, 'STATUS_MKV_INVALID_TIMECODE_SCALE', /from 0\.0001 to 1000/],
  [{ nalAdaptationFlags: 1 }, 'STATUS_INVALID_ARG', /bits of NalAdaptationFlags/],
  [{ nalAdaptationFlags: 24 }, 'STATUS_MKV_BOTH_ANNEXB_AND_AVCC_SPECIFIED', /not both/],
  [
    { segmentUuid: new Uint8Array(15) },
    'STATUS_MKV_INVALID_SEGMENT_UUID',
    /Uint8Array of 15 bytes/,
  ],
  [{ deviceName: 'a/b' }, 'STATUS_INVALID_DEVICE_NAME_LENGTH', /deviceName/],
  [{ contentType: 'video' }, 'STATUS_MKV_INVALID_CONTENT_TYPE_LENGTH', /contentType/],
  [
    { streamingType: 'live' },
    'STATUS_INVALID_ARG',
    /'realtime', 'near-realtime' or 'offline' for streamingType/,
  ],
  [{ storePressurePolicy: 'drop' }, 'STATUS_INVALID_ARG', /'drop-oldest' or 'fail'/],
  [{ fragmentAcks: 1 }, 'STATUS_INVALID_ARG', /true or false for fragmentAcks but received 1/],
  [{ connectionStaleness: 5 }, 'STATUS_INVALID_ARG', /connectionStaleness/],
  [{ kmsKeyId: '' }, 'STATUS_INVALID_ARG', /kmsKeyId/],
  [{ tags: [] }, 'STATUS_INVALID_ARG', /an object of names and values for tags/],
  [{ tags: { '': 'x' } }, 'STATUS_INVALID_TAG_NAME_LEN', /a name in tags/],
  [{ tags: { 'aws:x': 'x' } }, 'STATUS_INVALID_TAG_NAME_LEN', /"aws:x"/],
  [{ tags: { name: 'x'.repeat(257) } }, 'STATUS_INVALID_TAG_VALUE_LEN', /tags\.name/],
  [
    { tags: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`tag${i}`, ''])) },
    'STATUS_MAX_TAG_COUNT',
    /at most 50 tags/,
  ],
  [{ tracks: [] }, 'STATUS_TRACK_INFO_MISSING', /1 to 3 tracks/],
  [{ tracks: [{}, {}, {}, {}] }, 'STATUS_MAX_TRACK_COUNT_EXCEEDED', /an array of 4/],
  [{ tracks: [{}] }, 'STATUS_MKV_INVALID_CODEC_ID_LENGTH', /'h264', 'h265'.*tracks\[0\]\.codec/],
  [{ tracks: [{ codec: 'mpeg2' }] }, 'STATUS_MKV_INVALID_CODEC_ID_LENGTH', /received "mpeg2"/],
  [{ tracks: [{ codecId: 'X_TEXT' }] }, 'STATUS_INVALID_ARG', /tracks\[0\]\.trackType/],
  [
    { tracks: [{ codec: 'h264' }, { codec: 'h264' }] },
    'STATUS_DUPLICATE_TRACK_ID_FOUND',
    /tracks\[1\]\.trackId but received 1/,
  ],
  [{ tracks: [{ codec: 'h264', trackId: 0 }] }, 'STATUS_MKV_INVALID_TRACK_UID', /received 0/],
  [
    { tracks: [{ codec: 'h264', trackName: 'ü'.repeat(17) }] },
    'STATUS_MKV_INVALID_TRACK_NAME_LENGTH',
    /at most 32 bytes/,
  ],
  [{ tracks: [{ codec: 'aac' }] }, 'STATUS_MKV_INVALID_AAC_CPD', /samplingFrequency and channels/],
  [
    { streamingType: 'offline', retentionPeriod: 0 },
    'STATUS_OFFLINE_MODE_WITH_ZERO_RETENTION',
    /retentionPeriod is 0/,
  ],
  [
    { streamingType: 'offline', fragmentAcks: false },
    'STATUS_OFFLINE_MODE_WITH_ZERO_RETENTION',
    /fragmentAcks is false/,
  ],
];

test('each wrong value is refused with its code and a sentence that names it', async () => {
  for (const [change, code, message] of WRONG) {
    const definition = { streamName: 'cam', ...change } as unknown as StreamDefinition;
    const error = await failureOf(() => resolveDefinition(definition));
    assert.is(error.code, code, JSON.stringify(change));
    assert.match(error.message, message);
  }
});

test('a misspelt key is refused with the right one', async () => {
  for (const [key, right] of [
    ['streamname', 'streamName'],
    ['retentionPeriodHours', 'retentionPeriod'],
    ['fragmentDurration', 'fragmentDuration'],
    ['fragmentAck', 'fragmentAcks'],
    ['bufferduration', 'bufferDuration'],
  ] as const) {
    const definition = { streamName: 'cam', [key]: 1 } as unknown as StreamDefinition;
    const { message } = await failureOf(() => resolveDefinition(definition));
    assert.is(
      message,
      `Unknown option "${key}" for the stream definition: did you mean "${right}"?`,
    );
  }
  const odd = { streamName: 'cam', zzz: 1 } as unknown as StreamDefinition;
  assert.match(
    (await failureOf(() => resolveDefinition(odd))).message,
    /known options are streamName,/,
  );
});

test('a misspelt key of a track names the track', async () => {
  const tracks = [{ codec: 'h264', codecPrivatedata: new Uint8Array(8) }] as never;
  const { message } = await failureOf(() => resolveDefinition({ streamName: 'cam', tracks }));
  assert.is(
    message,
    'Unknown option "codecPrivatedata" for tracks[0]: did you mean "codecPrivateData"?',
  );
});

test('a name alone gives a real-time H.264 stream with the documented defaults', () => {
  const { tracks, ...rest } = resolveDefinition({ streamName: 'cam' });
  assert.equal(rest, {
    streamName: 'cam',
    allowStreamCreation: true,
    retentionPeriod: 24,
    tags: {},
    kmsKeyId: undefined,
    deviceName: undefined,
    contentType: 'video/h264',
    streamingType: 'realtime',
    highWaterMark: 8 * 1024 * 1024,
    storePressurePolicy: 'drop-oldest',
    bufferDuration: 120_000,
    keyFrameFragmentation: true,
    fragmentDuration: 2000,
    absoluteFragmentTimes: true,
    fragmentAcks: true,
    timecodeScale: 1,
    nalAdaptationFlags: NalAdaptationFlags.ANNEXB_NALS | NalAdaptationFlags.ANNEXB_CPD_NALS,
    restartOnError: true,
    connectionStaleness: 30_000,
    segmentUuid: undefined,
    replayDuration: 120_000,
    replayPoint: 'persisted',
    maxLatency: 0,
    idleTimeout: 20_000,
    maxFrames: 0,
    frameOrder: 'pass-through',
    orderWindow: 1000,
    frameTimecodes: true,
    timestampPolicy: 'throw',
  });
  assert.is(tracks.length, 1);
  assert.is(tracks[0]?.codecId, 'V_MPEG4/ISO/AVC');
  assert.is(tracks[0]?.trackType, 'video');
  assert.is(tracks[0]?.trackId, 1);
});

test('what is left out depends on the kind of stream and its tracks', () => {
  const aac = { codec: 'aac', trackId: 2, samplingFrequency: 48_000, channels: 2 };
  const of = (change: object) => resolveDefinition({ streamName: 'cam', ...change });
  assert.is(of({ streamingType: 'offline' }).idleTimeout, 0);
  assert.is(of({ streamingType: 'near-realtime' }).idleTimeout, 20_000);
  assert.is(of({ bufferDuration: 5000 }).replayDuration, 5000);
  assert.is(of({ tracks: [{ codec: 'h264' }, aac] }).frameOrder, 'multi-track');
  assert.is(of({ tracks: [aac] }).frameOrder, 'pass-through');
});

test('packets of openMedia are in order already', async (t) => {
  const media = await openMedia('test/fixtures/h264-aac.mp4');
  t.after(() => media.close());
  const { tracks } = media;
  assert.is(resolveDefinition({ streamName: 'cam', tracks }).frameOrder, 'pass-through');
  const copies = tracks.map((track) => ({ ...track, trackName: track.trackType }));
  assert.is(resolveDefinition({ streamName: 'cam', tracks: copies }).frameOrder, 'pass-through');
});

test('packets of two files know nothing of each other', async (t) => {
  const media = await Promise.all([1, 2].map(() => openMedia('test/fixtures/h264-aac.mp4')));
  t.after(() => Promise.all(media.map((one) => one.close())));
  const tracks = media.flatMap((one, index) => ({ ...one.tracks[index], trackId: index + 1 }));
  const definition = { streamName: 'cam', tracks: tracks as TrackInfo[] };
  assert.is(resolveDefinition(definition).frameOrder, 'multi-track');
});

test('the content type follows from the tracks', () => {
  const of = (...tracks: NonNullable<StreamDefinition['tracks']>): string =>
    resolveDefinition({ streamName: 'cam', tracks }).contentType;
  const aac = { codec: 'aac', trackId: 2, samplingFrequency: 48_000, channels: 2 };
  assert.is(of({ codec: 'h265' }, aac), 'video/h265,audio/aac');
  assert.is(of({ ...aac, codec: 'mulaw' }), 'audio/mulaw');
  assert.is(of({ codecId: 'V_MPEG4/ISO/AVC' }), 'video/h264');
  assert.is(of({ codecId: 'V_THEORA' }), 'video/x-matroska');
  const told = resolveDefinition({ streamName: 'cam', contentType: 'video/x-own' });
  assert.is(told.contentType, 'video/x-own');
});

test('a definition cannot be changed behind the back of its stream', () => {
  const tags = { place: 'door' };
  const resolved = resolveDefinition({ streamName: 'cam', tags });
  tags.place = 'garden';
  assert.is(resolved.tags['place'], 'door');
  assert.ok(
    Object.isFrozen(resolved) && Object.isFrozen(resolved.tags) && Object.isFrozen(resolved.tracks),
  );
});
