import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { openMedia } from '../../ts/ingest/index.js';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { collect, makeStream, putAll, until } from './support/client.js';
import { startFake, type FakeService, type FakeUpload } from './support/fake-service.js';
import { frames, START } from './support/media.js';

const test = suite('producer sessions', { timeout: 20_000 });

/** avcC of 16x16 pixels as that of the media, with another level. */
const OTHER_AVCC = Buffer.from('0142c01fffe1000a6742c01fd9003c22114001000468ce3c80', 'hex');

const readAndAck = (upload: FakeUpload): void => {
  upload.readAndAck();
};

function timecodesOf({ uploads }: FakeService): (readonly number[])[] {
  return uploads.map(({ timecodes }) => timecodes);
}

test('a new format goes out in a connection beside the old one, without a gap or a word', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const changes = collect(stream, 'formatChanged');
  const connected = collect(stream, 'connected');
  const disconnected = collect(stream, 'disconnected');
  const states = collect(stream, 'state');
  const media = frames({ count: 40 });
  await putAll(stream, media.slice(0, 15));
  await fake.upload(0);
  stream.setCodecPrivateData(1, OTHER_AVCC);
  await putAll(stream, media.slice(15));
  await fake.upload(1);
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames, 40);
  assert.equal(timecodesOf(fake), [
    [START, START + 1000],
    [START + 2000, START + 3000],
  ]);
  assert.ok(Buffer.concat(fake.uploads[1]?.chunks ?? []).includes(OTHER_AVCC));
  assert.equal(changes, [[{ trackId: 1 }]]);
  assert.is(connected.length, 1);
  assert.equal(disconnected, [[{}]], 'only the end of the last one is told');
  assert.equal(
    states.map(([state]) => state),
    ['connecting', 'streaming', 'idle', 'closed'],
  );
});

test('new parameter sets in a key frame begin a connection of their own by themselves', async (t) => {
  requireTool(t, 'ffprobe');
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint, { tracks: [{ codec: 'h264' }] });
  const changes = collect(stream, 'formatChanged');
  let shift = START;
  const packets: number[] = [];
  for (const name of ['h264-baseline.h264', 'h264-bframes-aud.h264']) {
    const media = await openMedia(`test/fixtures/${name}`);
    let count = 0;
    let last = 0;
    for await (const { presentationTs, decodingTs, ...packet } of media.packets()) {
      const times = { presentationTs: shift + presentationTs, decodingTs: shift + decodingTs };
      await stream.put({ ...packet, ...times });
      last = Math.max(last, times.presentationTs);
      count += 1;
    }
    await media.close();
    packets.push(count);
    shift = last + 1000;
  }
  assert.is((await stream.stop()).complete, true);
  assert.equal(changes, [[{ trackId: 1 }]]);
  assert.is(fake.uploads.length, 2);
  for (const [index, { chunks }] of fake.uploads.entries()) {
    const args = ['-v', 'warning', '-count_frames', '-show_entries', 'stream=nb_read_frames'];
    const { stdout, stderr } = spawnSync('ffprobe', [...args, '-of', 'csv=p=0', '-'], {
      input: Buffer.concat(chunks),
      encoding: 'utf8',
    });
    assert.is(Number(stdout), packets[index]);
    assert.is(stderr, '');
  }
});

test('relative times count from the start that each connection names', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint, { absoluteFragmentTimes: false });
  const media = frames({ count: 40 });
  await putAll(stream, media.slice(0, 15));
  await fake.upload(0);
  stream.setCodecPrivateData(1, OTHER_AVCC);
  await putAll(stream, media.slice(15));
  assert.is((await stream.stop()).complete, true);
  const times = fake.uploads.flatMap(({ request, timecodes }) => {
    const start = Number(request.headers['x-amzn-producer-start-timestamp']) * 1000;
    return timecodes.map((timecode) => start + timecode);
  });
  assert.equal(
    times,
    [0, 1, 2, 3].map((second) => START + second * 1000),
  );
});

test('the old connection stays until its last fragment is confirmed', async (t) => {
  let release: (() => void) | undefined;
  const fake = await startFake(
    t,
    (upload) => {
      upload.accept();
      upload.read();
      release = () => {
        for (const timecode of upload.timecodes) upload.ack('PERSISTED', timecode);
        upload.response.end();
      };
    },
    readAndAck,
  );
  const stream = await makeStream(t, fake.endpoint);
  const media = frames({ count: 40 });
  await putAll(stream, media.slice(0, 15));
  stream.setCodecPrivateData(1, OTHER_AVCC);
  await putAll(stream, media.slice(15));
  await until(t, () => fake.uploads[1]?.timecodes.length === 2);
  assert.is(stream.metrics.openSessions, 2);
  const stopping = stream.stop();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.is(stream.state, 'streaming');
  release?.();
  const result = await stopping;
  assert.is(result.complete, true);
  assert.is(fake.uploads.length, 2);
});

test('a service that is not yet done with the old connection is asked again, without a word', async (t) => {
  const fake = await startFake(
    t,
    (upload) => {
      upload.accept();
      upload.read();
      upload.request.on('end', () => {
        setTimeout(() => {
          for (const timecode of upload.timecodes) upload.ack('PERSISTED', timecode);
          upload.response.end();
        }, 400);
      });
    },
    (upload) => {
      upload.refuse(400, 'ConnectionLimitExceededException');
    },
    readAndAck,
  );
  const stream = await makeStream(t, fake.endpoint);
  const disconnected = collect(stream, 'disconnected');
  const media = frames({ count: 40 });
  await putAll(stream, media.slice(0, 15));
  stream.setCodecPrivateData(1, OTHER_AVCC);
  await putAll(stream, media.slice(15));
  await fake.upload(2);
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.equal(disconnected, [[{}]]);
  assert.equal(fake.uploads[2]?.timecodes, [START + 2000, START + 3000]);
});

test('what an old connection loses while it is awaited is sent again', async (t) => {
  const fake = await startFake(
    t,
    (upload) => {
      upload.accept();
      upload.read();
      upload.request.on('end', () => {
        setTimeout(() => {
          upload.reset();
        }, 50);
      });
    },
    readAndAck,
  );
  const stream = await makeStream(t, fake.endpoint);
  const disconnected = collect(stream, 'disconnected');
  const media = frames({ count: 60 });
  await putAll(stream, media.slice(0, 15));
  stream.setCodecPrivateData(1, OTHER_AVCC);
  await putAll(stream, media.slice(15, 45));
  await until(t, () => disconnected.length > 0);
  await putAll(stream, media.slice(45));
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames, 60);
  assert.ok(disconnected[0]?.[0].error !== undefined);
  const later = fake.uploads.slice(1).flatMap(({ timecodes }) => timecodes);
  for (let second = 0; second < 6; second += 1) {
    assert.ok(later.includes(START + second * 1000), `fragment ${second}`);
  }
});

test(
  'a connection is replaced before its credentials run out',
  async (t) => {
    const seen: FakeUpload[] = [];
    let together = 0;
    const fake = await startFake(t, (upload) => {
      together += seen.filter(({ request }) => !request.readableEnded).length;
      seen.push(upload);
      readAndAck(upload);
    });
    // The core wants 30 s at least, and asks for the next connection 3 s before the end.
    const credentials = () =>
      Promise.resolve({
        accessKeyId: 'local',
        secretAccessKey: 'local',
        expiration: new Date(Date.now() + 31_000),
      });
    const stream = await makeStream(t, fake.endpoint, {}, { credentials });
    const connected = collect(stream, 'connected');
    const disconnected = collect(stream, 'disconnected');
    const started = performance.now();
    const media = frames({ count: 400 });
    let put = 0;
    while (fake.uploads.length < 2 || put % 10 !== 5) {
      const frame = media[put];
      if (frame === undefined) throw new Error(`no second connection after ${put} frames`);
      stream.putFrame(frame);
      put += 1;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.ok(performance.now() - started > 27_000, 'not earlier than needed');
    await putAll(stream, media.slice(put, put + 20));
    const result = await stream.stop();
    assert.is(result.complete, true);
    assert.is(result.deliveredFrames, put + 20);
    assert.is(fake.uploads.length, 2);
    const all = timecodesOf(fake).flat();
    assert.equal(all, [...new Set(all)], 'no fragment is sent twice');
    assert.is(all.length, stream.metrics.fragmentsPut, 'and none is missing');
    assert.is(together, 0, 'the service takes media through one connection at a time');
    assert.is(connected.length, 1);
    assert.equal(disconnected, [[{}]]);
  },
  { timeout: 60_000 },
);

test(
  'credentials that are as good as expired are waited for and not used',
  async (t) => {
    const fake = await startFake(t, readAndAck);
    let asked = 0;
    const credentials = () => {
      asked += 1;
      const life = asked < 6 ? 10_000 : 600_000;
      const expiration = new Date(Date.now() + life);
      return Promise.resolve({ accessKeyId: 'local', secretAccessKey: 'local', expiration });
    };
    const warnings: (readonly [string, unknown])[] = [];
    const logger = {
      warn: (details: Readonly<Record<string, unknown>>, message: string): void => {
        warnings.push([message, details['code']]);
      },
    };
    const stream = await makeStream(t, fake.endpoint, {}, { credentials, logger });
    await putAll(stream, frames({ count: 20 }));
    await fake.upload(0);
    assert.is((await stream.stop()).complete, true);
    assert.ok(warnings.some(([, code]) => code === 'STATUS_INVALID_TOKEN_EXPIRATION'));
  },
  { timeout: 60_000 },
);

test('resetting the connection makes a new one and loses nothing', async (t) => {
  const fake = await startFake(
    t,
    (upload) => {
      upload.accept();
      upload.read();
    },
    readAndAck,
  );
  const stream = await makeStream(t, fake.endpoint);
  const disconnected = collect(stream, 'disconnected');
  await putAll(stream, frames({ count: 25 }));
  await until(t, () => fake.uploads[0]?.timecodes.length === 3);
  stream.resetConnection();
  await fake.upload(1);
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames, 25);
  assert.equal(disconnected[0], [{}], 'the user wanted it: no error');
  assert.equal(fake.uploads[1]?.timecodes, [START, START + 1000, START + 2000]);
});

test('resetting the stream drops what it holds, and a key frame begins anew', async (t) => {
  const fake = await startFake(
    t,
    (upload) => {
      upload.accept();
      upload.read();
    },
    readAndAck,
  );
  const stream = await makeStream(t, fake.endpoint);
  const drops = collect(stream, 'droppedFrame');
  const media = frames({ count: 40 });
  await putAll(stream, media.slice(0, 25));
  await until(t, () => fake.uploads[0]?.timecodes.length === 3);
  stream.reset();
  await putAll(stream, media.slice(25));
  const result = await stream.stop();
  assert.is(result.complete, true);
  assert.is(result.deliveredFrames, 10);
  assert.is(result.droppedFrames.reset, 25);
  assert.is(result.droppedFrames.awaitingKeyFrame, 5);
  assert.is(drops[0]?.[0].reason, 'reset');
  assert.equal(fake.uploads[1]?.timecodes, [START + 3000]);
});

test('a reset of a closed stream throws', async (t) => {
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  await stream.stop();
  for (const call of [
    () => {
      stream.reset();
    },
    () => {
      stream.resetConnection();
    },
    () => {
      stream.endFragment();
    },
    () => {
      stream.putEventMetadata('notification');
    },
    () => {
      stream.setCodecPrivateData(1, OTHER_AVCC);
    },
    () => {
      stream.setNalAdaptationFlags(0);
    },
  ]) {
    assert.throws(
      call,
      (error: { code?: string }) => error.code === 'STATUS_STREAM_HAS_BEEN_STOPPED',
    );
  }
});

test('KVS_DEBUG_DUMP_DATA_FILE_DIR gets a playable copy of each session', async (t) => {
  requireTool(t, 'ffprobe');
  const folder = mkdtempSync(join(tmpdir(), 'kvs-dump-'));
  process.env['KVS_DEBUG_DUMP_DATA_FILE_DIR'] = folder;
  t.after(() => {
    delete process.env['KVS_DEBUG_DUMP_DATA_FILE_DIR'];
    rmSync(folder, { recursive: true });
  });
  const fake = await startFake(t, readAndAck);
  const stream = await makeStream(t, fake.endpoint);
  const media = frames({ count: 40 });
  await putAll(stream, media.slice(0, 15));
  stream.setCodecPrivateData(1, OTHER_AVCC);
  await putAll(stream, media.slice(15));
  await stream.stop();
  const names = readdirSync(folder).sort();
  assert.equal(names, [`cam_${process.pid}_1.mkv`, `cam_${process.pid}_2.mkv`]);
  for (const [index, name] of names.entries()) {
    const copy = readFileSync(join(folder, name));
    assert.ok(copy.equals(Buffer.concat(fake.uploads[index]?.chunks ?? [])), name);
    const args = ['-v', 'error', '-show_entries', 'packet=pts', '-of', 'csv=p=0'];
    const { stdout } = spawnSync('ffprobe', [...args, join(folder, name)], { encoding: 'utf8' });
    assert.is(stdout.trim().split('\n').length, 20, name);
  }
});

test('a folder for debug copies that cannot be written to is told and disturbs nothing', async (t) => {
  process.env['KVS_DEBUG_DUMP_DATA_FILE_DIR'] = join(tmpdir(), 'kvs-no-such-folder');
  t.after(() => {
    delete process.env['KVS_DEBUG_DUMP_DATA_FILE_DIR'];
  });
  const fake = await startFake(t, readAndAck);
  const warnings: string[] = [];
  const logger = {
    warn: (_details: object, message: string): void => {
      warnings.push(message);
    },
  };
  const stream = await makeStream(t, fake.endpoint, {}, { logger });
  await putAll(stream, frames({ count: 20 }));
  assert.is((await stream.stop()).complete, true);
  assert.match(
    warnings[0] ?? '',
    /debug copy .*cam_\d+_1\.mkv cannot be written .*the upload goes on/,
  );
});
