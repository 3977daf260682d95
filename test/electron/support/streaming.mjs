/** Streaming with the compiled package, as an app of Electron has it: without a loader of TypeScript. */
import { Buffer } from 'node:buffer';
import { pathToFileURL } from 'node:url';

const FRAMES = 5;
const INTERVAL = 40;
/** avcC with a baseline SPS of 16x16 pixels and a PPS. */
const AVCC = Buffer.from('0142c01effe1000a6742c01ed9003c22114001000468ce3c80', 'hex');

/** A client of the package in a folder. */
export async function makeClient(folder, endpoint) {
  const { KinesisVideoClient } = await import(pathToFileURL(`${folder}/dist/index.js`).href);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new KinesisVideoClient({ region: 'us-west-2', endpoint, credentials });
}

let streams = 0;

export function makeStream(client) {
  streams += 1;
  const streamName = `cam-${process.pid}-${Date.now()}-${streams}`;
  const tracks = [{ codec: 'h264', codecPrivateData: AVCC, width: 16, height: 16 }];
  return client.createStream({ streamName, tracks, timestampPolicy: 'fix' });
}

/** Puts a fragment that begins at `start`, and returns when the next one may. */
export function putSome(stream, start) {
  for (let index = 0; index < FRAMES; index += 1) {
    const data = Buffer.alloc(1000, 0x80 + index);
    data.writeUInt32BE(data.length - 4, 0);
    data[4] = index === 0 ? 0x65 : 0x41;
    const presentationTs = start + index * INTERVAL;
    stream.putFrame({ data, keyFrame: index === 0, presentationTs, duration: INTERVAL });
  }
  return start + FRAMES * INTERVAL;
}
