/**
 * Makes one playable Matroska file of a stream. The service sends a document for each fragment, at whose
 * end players stop.
 */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { SegmentMerger } from 'kinesis-video-producer/parser';
import { openSetting } from './support/setting.mjs';

const setting = await openSetting();
const { streamName, consumer, follow, output = 'merged.mkv' } = setting;

const file = createWriteStream(output);
const merger = new SegmentMerger((piece) => file.write(piece));
const media = consumer.getMedia({ streamName, start: 'earliest', endless: follow });
for await (const fragment of media) {
  const data = await fragment.data();
  if (fragment.gapBefore) {
    console.log(`${fragment.gapBefore.duration} ms are missing before ${fragment.fragmentNumber}`);
  }
  // What was cut off would damage the file.
  if (fragment.state === 'whole') merger.push(data);
  if (file.writableNeedDrain) await once(file, 'drain');
}
file.end();
await once(file, 'close');
console.log(`${output}: ${merger.counts.fragments} fragments, ${merger.counts.bytes} bytes`);
await setting.close();
