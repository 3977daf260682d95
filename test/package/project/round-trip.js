// The main job of the demonstration, with nothing but the package: sends clip.mp4 to an endpoint of its
// own, or to the one that ENDPOINT names, reads the stream back with the `kvs` command, and compares every packet.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { KinesisVideoClient } from 'kinesis-video-producer';
import { openMedia } from 'kinesis-video-producer/ingest';
import { startLocalKinesisVideo } from 'kinesis-video-producer/local';

const require = createRequire(import.meta.url);
const packageFile = require.resolve('kinesis-video-producer/package.json');
const kvs = join(dirname(packageFile), require(packageFile).bin.kvs);
const keys = { accessKeyId: 'local', secretAccessKey: 'local' };

/** What takes a moment takes longer in an emulator. */
const patience = 240_000;

/** The packets of a file by track: bytes, and milliseconds since the earliest of all is shown. */
async function packetsOf(file) {
  const media = await openMedia(file);
  const tracks = new Map(media.tracks.map(({ trackId }) => [trackId, []]));
  for await (const { trackId, data, presentationTs } of media.packets()) {
    tracks.get(trackId).push({ data: Buffer.from(data), time: presentationTs });
  }
  const packets = [...tracks.values()];
  const start = Math.min(...packets.flat().map(({ time }) => time));
  return packets.map((list) => list.map(({ data, time }) => ({ data, time: time - start })));
}

async function send(file, { endpoint, region }) {
  const client = new KinesisVideoClient({
    endpoint,
    region,
    credentials: keys,
    connectTimeout: patience,
    requestTimeout: patience,
  });
  const media = await openMedia(file);
  const definition = { streamName: 'door', tracks: media.tracks };
  const stream = await client.createStream(definition, { timeout: patience });
  const start = Date.now();
  for await (const { presentationTs, decodingTs, ...frame } of media.packets()) {
    const times = { presentationTs: start + presentationTs, decodingTs: start + decodingTs };
    await stream.put({ ...frame, ...times });
  }
  const result = await stream.stop();
  await client.close();
  if (!result.complete) throw new Error(`not all was stored: ${JSON.stringify(result)}`);
}

async function receive(file, { endpoint, region }) {
  const args = ['get', '--stream', 'door', '--endpoint', endpoint, '--region', region, '-o', file];
  const env = { ...process.env, AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
  await promisify(execFile)(process.execPath, [kvs, ...args], { env });
}

function compare(sent, received) {
  if (sent.length !== received.length) {
    throw new Error(`${sent.length} tracks were sent, ${received.length} came`);
  }
  sent.forEach((packets, track) => {
    const came = received[track];
    if (packets.length !== came.length) {
      throw new Error(`${packets.length} packets of a track were sent, ${came.length} came`);
    }
    packets.forEach(({ data, time }, index) => {
      if (!data.equals(came[index].data)) throw new Error(`packet ${index} has other bytes`);
      // Matroska has whole milliseconds.
      if (Math.abs(time - came[index].time) > 1)
        throw new Error(`packet ${index} has another time`);
    });
  });
}

const { ENDPOINT: endpoint } = process.env;
const elsewhere = endpoint && { endpoint, region: 'us-west-2', close: () => undefined };
const local = elsewhere || (await startLocalKinesisVideo());
await send('clip.mp4', local);
await receive('copy.mkv', local);
await local.close();
const sent = await packetsOf('clip.mp4');
compare(sent, await packetsOf('copy.mkv'));
const count = sent.reduce((sum, packets) => sum + packets.length, 0);
console.log(
  `${count} packets came back as they were, on ${process.arch}, Node.js ${process.version}`,
);
