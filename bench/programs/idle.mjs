/** Has a stream with a store of 128 MB that has sent one frame, and does nothing more. */
import { makeClient, makeStream } from '../drivers/kvs-upload.mjs';
import { makeFrames } from '../harness/media.mjs';
import { residentMebibytes } from './resident.mjs';

const client = makeClient(process.argv[2], { storageSize: 128 * 2 ** 20 });
const stream = await makeStream(client);
const [frame] = makeFrames({ size: 10_000, format: 'annexb' });
stream.putFrame({ ...frame, presentationTs: Date.now() });
stream.endFragment();
await new Promise((resolve) => stream.once('connected', resolve));
console.log(JSON.stringify({ mebibytes: await residentMebibytes() }));
await stream.stop();
await client.close();
