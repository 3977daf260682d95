/** Makes a client and a stream, sends one fragment to the endpoint of its argument, and ends. */
const start = performance.now();
const { makeClient, makeStream } = await import('../drivers/kvs-upload.mjs');
const { makeFrames } = await import('../harness/media.mjs');

const client = makeClient(process.argv[2]);
const stream = await makeStream(client);
const created = performance.now() - start;
for (const [index, frame] of makeFrames({ size: 10_000, format: 'annexb' }).entries()) {
  stream.putFrame({ ...frame, presentationTs: Date.now() + index });
}
await stream.stop();
const stored = performance.now() - start;
await client.close();
console.log(JSON.stringify({ created, stored }));
