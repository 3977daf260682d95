/** MP4, MOV, Matroska and WebM: every packet is compared with what ffprobe sees in the file. */
import { execFileSync } from 'node:child_process';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import * as assert from 'uvu/assert';
import { openMedia, type MediaInput } from '../../ts/ingest/index.js';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import {
  assertTime,
  chunked,
  collect,
  fail,
  ffmpeg,
  fixture,
  md5,
  packetsOf,
  probe,
  scratch,
  summary,
  trackOf,
} from './support.js';

const test = suite('containers', { timeout: 60_000 });

/** Fails unless the input gives exactly the packets of the file, track by track. */
async function compareWithProbe(
  input: MediaInput,
  file: string,
  tolerance?: number,
): Promise<void> {
  const packets = await collect(input);
  const probed = probe(file);
  for (const track of input.tracks) {
    const actual = packetsOf(packets, track);
    const expected = probed.get(track.trackType) ?? [];
    assert.is(actual.length, expected.length, `${track.trackType} packets`);
    actual.forEach((packet, index) => {
      const { data_hash, pts_time, dts_time, flags } =
        expected[index] ?? fail('there are too many');
      const what = `${track.trackType} packet ${index}`;
      assert.is(`MD5:${md5(packet.data)}`, data_hash, what);
      assert.is(packet.keyFrame, flags.startsWith('K'), `${what} is a key frame`);
      assertTime(packet.presentationTs, pts_time, `the presentation time of ${what}`, tolerance);
      // Matroska has no decoding times, and ffprobe has none for the first packets then.
      if (dts_time !== undefined) {
        assertTime(packet.decodingTs, dts_time, `the decoding time of ${what}`, tolerance);
      }
    });
  }
  assert.is(packets.length, [...probed.values()].flat().length);
}

const FILES = [
  'aac.m4a',
  'clip.mp4',
  'h264-aac.mkv',
  'h264-aac.mov',
  'h264-aac.mp4',
  'h264-aac-faststart.mp4',
  'h264-baseline.mp4',
  'h264-open-gop.mp4',
  'h265-aac.mp4',
];

for (const name of FILES) {
  test(`${name} gives the packets that ffprobe sees`, async (t) => {
    requireTool(t, 'ffprobe');
    await compareWithProbe(await openMedia(fixture(name)), fixture(name));
  });
}

for (const name of ['h264-aac.mkv', 'h264-aac-faststart.mp4']) {
  test(`${name} gives the same packets through a pipe as from the file`, async () => {
    const expected = summary(await collect(await openMedia(fixture(name))));
    for (const stream of [
      createReadStream(fixture(name)),
      chunked(readFileSync(fixture(name)), 77),
      chunked(readFileSync(fixture(name)), 1),
    ]) {
      assert.equal(summary(await collect(await openMedia(stream))), expected);
    }
  });
}

const FRAGMENTED = [
  'frag_keyframe+empty_moov',
  'frag_keyframe+empty_moov+default_base_moof',
  'frag_keyframe+empty_moov+separate_moof',
  'frag_every_frame+empty_moov',
  'frag_keyframe',
  'empty_moov',
  'dash',
];

for (const flags of FRAGMENTED) {
  test(`fragmented MP4 (${flags}) gives the packets that ffprobe sees, also through a pipe`, async (t) => {
    requireTool(t, 'ffmpeg', 'ffprobe');
    const file = join(scratch(t), 'fragmented.mp4');
    ffmpeg('-i', fixture('h264-aac.mp4'), '-c', 'copy', '-movflags', flags, file);
    await compareWithProbe(await openMedia(file), file);
    await compareWithProbe(await openMedia(createReadStream(file)), file);
  });
}

const SOURCE = fixture('h264-aac.mp4');
const MP4_VARIANTS: readonly (readonly [what: string, name: string, options: readonly string[]])[] =
  [
    [
      'with composition offsets below zero',
      'a.mp4',
      ['-i', SOURCE, '-movflags', 'negative_cts_offsets'],
    ],
    ['without edit lists', 'a.mp4', ['-i', SOURCE, '-use_editlist', '0']],
    [
      'with sound that begins late',
      'a.mp4',
      ['-itsoffset', '0.7', '-i', SOURCE, '-i', SOURCE, '-map', '0:a', '-map', '1:v'],
    ],
    [
      'with video that begins late',
      'a.mp4',
      ['-itsoffset', '0.7', '-i', SOURCE, '-i', SOURCE, '-map', '1:a', '-map', '0:v'],
    ],
    [
      'with a time scale of a million',
      'a.mp4',
      ['-i', SOURCE, '-video_track_timescale', '1000000'],
    ],
    ['of the 3GP kind', 'a.3gp', ['-i', SOURCE]],
    ['of the iPod kind', 'a.m4v', ['-i', SOURCE]],
  ];

for (const [what, name, options] of MP4_VARIANTS) {
  test(`MP4 ${what} gives the packets that ffprobe sees`, async (t) => {
    requireTool(t, 'ffmpeg', 'ffprobe');
    const file = join(scratch(t), name);
    ffmpeg(...options, '-c', 'copy', file);
    await compareWithProbe(await openMedia(file), file);
  });
}

test('fragments with composition offsets below zero have the times of the source', async (t) => {
  requireTool(t, 'ffmpeg');
  const file = join(scratch(t), 'cmaf.mp4');
  ffmpeg('-i', SOURCE, '-c', 'copy', '-movflags', 'cmaf+frag_keyframe+empty_moov', file);
  const shown = async (source: string | Readable): Promise<number[]> => {
    const packets = await collect(await openMedia(source, { tracks: 'video' }));
    return packets.map(({ presentationTs }) => presentationTs);
  };
  // ffprobe shows them a frame later.
  const expected = await shown(SOURCE);
  assert.equal(await shown(file), expected);
  assert.equal(await shown(createReadStream(file)), expected);
});

test('variable frame rates keep their times', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const file = join(scratch(t), 'variable.mp4');
  const select = "select='not(mod(n,3))+lt(n,20)'";
  ffmpeg(
    '-i',
    SOURCE,
    '-vf',
    select,
    '-vsync',
    'vfr',
    '-c:v',
    'libx264',
    '-bf',
    '2',
    '-c:a',
    'copy',
    file,
  );
  await compareWithProbe(await openMedia(file), file);
});

test('live Matroska, without sizes and index, gives the packets that ffprobe sees', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const file = join(scratch(t), 'live.mkv');
  ffmpeg('-i', fixture('h264-aac.mp4'), '-c', 'copy', '-live', '1', '-f', 'matroska', file);
  await compareWithProbe(await openMedia(file), file);
  await compareWithProbe(await openMedia(createReadStream(file)), file);
});

test('Matroska by mkvmerge, with laced audio, gives the packets that ffprobe sees', async (t) => {
  requireTool(t, 'mkvmerge', 'ffprobe');
  const file = join(scratch(t), 'merged.mkv');
  execFileSync('mkvmerge', ['-q', '-o', file, fixture('h265-aac.mp4')]);
  // For the frames within a block ffprobe adds up durations that it has cut to whole milliseconds.
  await compareWithProbe(await openMedia(file), file, 3);
});

test('H.265 with open groups of pictures keeps the times of leading pictures', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const file = join(scratch(t), 'open.mp4');
  const x265 = 'log-level=error:open-gop=1:bframes=3:keyint=25:scenecut=0';
  ffmpeg('-i', fixture('h264-baseline.mp4'), '-c:v', 'libx265', '-x265-params', x265, file);
  const input = await openMedia(file);
  await compareWithProbe(input, file);
});

test('a WebM file gives Opus at the times that its encoder stamped, codec delay included', async (t) => {
  requireTool(t, 'ffprobe');
  const input = await openMedia(fixture('vp8-opus.webm'));
  const audio = packetsOf(await collect(input), trackOf(input, 'audio'));
  const expected = probe(fixture('vp8-opus.webm')).get('audio') ?? [];
  assert.is(audio.length, expected.length);
  // ffprobe subtracts the 6.5 ms, rounded to whole milliseconds, the time base of the file.
  audio.forEach((packet, index) => {
    assert.is(`MD5:${md5(packet.data)}`, expected[index]?.data_hash);
    assertTime(packet.presentationTs - 7, expected[index]?.pts_time, 'the presentation time');
  });
});

const MP4_VIDEO: readonly (readonly [codec: string, encoder: string, ...options: string[]])[] = [
  ['av1', 'libaom-av1', '-cpu-used', '8'],
  ['vp9', 'libvpx-vp9'],
  ['mjpeg', 'mjpeg'],
];

for (const [codec, encoder, ...options] of MP4_VIDEO) {
  test(`${codec} in MP4 or MOV gives the packets that ffprobe sees`, async (t) => {
    requireTool(t, 'ffmpeg', 'ffprobe');
    const file = join(scratch(t), codec === 'mjpeg' ? 'video.mov' : 'video.mp4');
    ffmpeg('-i', SOURCE, '-an', '-t', '1', '-s', '64x48', '-c:v', encoder, ...options, file);
    const input = await openMedia(file);
    assert.is(trackOf(input, 'video').codec, codec);
    assert.is(input.annexB, false);
    await compareWithProbe(input, file);
  });
}

test('Opus in MP4 has the header and the times of its encoder', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const [mp4, mkv] = ['mp4', 'mkv'].map((type) => join(scratch(t), `sound.${type}`)) as [
    string,
    string,
  ];
  ffmpeg('-i', SOURCE, '-vn', '-ac', '2', '-c:a', 'libopus', mp4);
  ffmpeg('-i', mp4, '-c', 'copy', mkv);
  const [fromMp4, fromMkv] = [await openMedia(mp4), await openMedia(mkv)];
  const { codec, codecId, channels } = trackOf(fromMp4, 'audio');
  assert.equal([codec, codecId, channels], ['opus', 'A_OPUS', 2]);
  assert.equal(
    trackOf(fromMp4, 'audio').codecPrivateData,
    new Uint8Array(trackOf(fromMkv, 'audio').codecPrivateData ?? []),
  );
  const expected = probe(mp4).get('audio') ?? [];
  const packets = await collect(fromMp4);
  assert.is(packets.length, expected.length);
  packets.forEach(({ data, presentationTs }, index) => {
    assert.is(`MD5:${md5(data)}`, expected[index]?.data_hash);
    assertTime(presentationTs - 6.5, expected[index]?.pts_time, 'the presentation time');
  });
  await fromMkv.close();
});

test('an MP4 file describes its tracks with the private data of the file', async () => {
  const input = await openMedia(fixture('h264-aac.mp4'));
  await input.close();
  const [video, audio] = input.tracks;
  assert.is(input.format, 'mp4');
  assert.is(input.contentType, 'video/h264,audio/aac');
  assert.is(input.annexB, false);
  assert.is(input.duration, 3000);
  assert.equal(
    { ...video, codecPrivateData: undefined },
    {
      trackId: 1,
      trackType: 'video',
      codec: 'h264',
      codecId: 'V_MPEG4/ISO/AVC',
      codecPrivateData: undefined,
      width: 320,
      height: 180,
    },
  );
  assert.equal(
    { ...audio, codecPrivateData: undefined },
    {
      trackId: 2,
      trackType: 'audio',
      codec: 'aac',
      codecId: 'A_AAC',
      codecPrivateData: undefined,
      samplingFrequency: 48_000,
      channels: 2,
    },
  );
  assert.equal([...(audio?.codecPrivateData ?? [])], [0x11, 0x90, 0x56, 0xe5, 0x00]);

  // What avcC holds, found by its name in the bytes of the file.
  const bytes = readFileSync(fixture('h264-aac.mp4'));
  const at = bytes.indexOf('avcC');
  const box = bytes.subarray(at + 4, at - 4 + bytes.readUInt32BE(at - 4));
  assert.equal(Buffer.from(video?.codecPrivateData ?? []), box);
});

test('MP4 and Matroska of the same media have the same private data', async () => {
  const mp4 = await openMedia(fixture('h264-aac.mp4'));
  const mkv = await openMedia(fixture('h264-aac.mkv'));
  await mp4.close();
  await mkv.close();
  for (const type of ['video', 'audio'] as const) {
    const expected = Buffer.from(trackOf(mp4, type).codecPrivateData ?? []);
    assert.equal(Buffer.from(trackOf(mkv, type).codecPrivateData ?? []), expected);
  }
});

test('the formats of QuickTime and WebM are told apart from MP4 and Matroska', async () => {
  for (const [name, format] of [
    ['h264-aac.mov', 'mov'],
    ['vp8-opus.webm', 'webm'],
    ['h264-aac.mkv', 'mkv'],
    ['aac.m4a', 'mp4'],
  ] as const) {
    const input = await openMedia(fixture(name));
    await input.close();
    assert.is(input.format, format, name);
  }
});

test('a track is left out when only the other kind is asked for', async () => {
  for (const name of ['h264-aac.mp4', 'h264-aac.mkv']) {
    const video = await openMedia(fixture(name), { tracks: 'video' });
    assert.is(video.contentType, 'video/h264');
    assert.equal(
      video.skippedTracks.map(({ trackType }) => trackType),
      ['audio'],
    );
    assert.is((await collect(video)).length, 75);

    const audio = await openMedia(fixture(name), { tracks: 'audio' });
    assert.equal(
      audio.tracks.map(({ trackId }) => trackId),
      [1],
    );
    assert.is(audio.contentType, 'audio/aac');
    assert.is((await collect(audio)).length, 142);
  }
});

test('decoding times never decrease and are never later than presentation', async () => {
  for (const name of [...FILES, 'vp8-opus.webm']) {
    const input = await openMedia(fixture(name));
    const packets = await collect(input);
    for (const track of input.tracks) {
      let last = -Infinity;
      for (const { decodingTs, presentationTs } of packetsOf(packets, track)) {
        assert.ok(decodingTs >= last && decodingTs <= presentationTs, name);
        last = decodingTs;
      }
    }
  }
});
