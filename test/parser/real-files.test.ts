import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import {
  EbmlReader,
  ElementId,
  readBlockHeader,
  readTracks,
  readUnsigned,
  type MatroskaTrack,
} from '../../ts/parser/index.js';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { pieces } from './support/events.js';

const test = suite('Matroska files of other programs', { timeout: 20_000 });

interface Frame {
  readonly track: number;
  readonly time: number;
  readonly size: number;
}

/** Reads a file whole frames at a time. */
function readFile(path: string): { tracks: MatroskaTrack[]; frames: Frame[] } {
  let tracks: MatroskaTrack[] = [];
  const frames: Frame[] = [];
  let clusterTime = 0;
  const reader = new EbmlReader(
    {
      value: ({ id }, data) => {
        if (id === ElementId.Tracks) tracks = readTracks(data);
        if (id === ElementId.Timestamp) clusterTime = readUnsigned(data);
        if (id !== ElementId.SimpleBlock && id !== ElementId.Block) return;
        const header = readBlockHeader(data);
        assert.ok(header);
        const { trackNumber: track, relativeTime, length } = header;
        frames.push({ track, time: clusterTime + relativeTime, size: data.length - length });
      },
    },
    { collected: [ElementId.Tracks], streamed: [] },
  );
  for (const piece of pieces(readFileSync(path), 1000)) reader.push(piece);
  reader.end();
  return { tracks, frames };
}

for (const name of ['h264-aac.mkv', 'vp8-opus.webm']) {
  test(`finds the tracks and frames that ffprobe finds in ${name}`, (t) => {
    requireTool(t, 'ffprobe');
    const path = fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
    const { tracks, frames } = readFile(path);
    const probed = JSON.parse(
      execFileSync(
        'ffprobe',
        ['-v', 'error', '-show_streams', '-show_packets', '-of', 'json', path],
        {
          encoding: 'utf8',
          maxBuffer: 64 * 1024 * 1024,
        },
      ),
    ) as {
      streams: { codec_type: string; width?: number; channels?: number; extradata_size?: number }[];
      packets: { stream_index: number; pts_time: string; size: string }[];
    };
    assert.equal(
      tracks.map((track) => [
        track.type,
        track.video?.width,
        track.audio?.channels,
        track.codecPrivate?.length,
      ]),
      probed.streams.map((s) => [s.codec_type, s.width, s.channels, s.extradata_size]),
    );
    assert.equal(
      frames.map(({ track, size }) => [track - 1, size]),
      probed.packets.map((packet) => [packet.stream_index, Number(packet.size)]),
    );
    // ffprobe takes the codec's delay off the times of a track.
    const shifts = probed.packets.map((packet, i) => ({
      track: packet.stream_index,
      by: (frames[i]?.time ?? NaN) - Number(packet.pts_time) * 1000,
    }));
    for (const { track, by } of shifts) {
      const first = shifts.find((shift) => shift.track === track)?.by ?? NaN;
      assert.ok(Math.abs(by - first) < 1.5, `track ${track} is off by ${by} ms`);
    }
  });
}
