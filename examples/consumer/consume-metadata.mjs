/** Prints what is known of the fragments of a stream besides their media: times, tags, events, gaps. */
import { openSetting } from './support/setting.mjs';

const setting = await openSetting();
const { streamName, consumer, follow } = setting;

const start = follow ? 'now' : 'earliest';
for await (const fragment of consumer.getMedia({ streamName, start, endless: follow })) {
  const { gapBefore, fragmentNumber, producerTimestamp, serverTimestamp } = fragment;
  if (gapBefore) console.log(`gap of ${gapBefore.duration} ms: ${gapBefore.reason}`);
  console.log(`fragment ${fragmentNumber}`);
  console.log(`  made      ${new Date(producerTimestamp).toISOString()}`);
  console.log(`  received  ${new Date(serverTimestamp).toISOString()}`);
  for (const { number, type, codecId } of fragment.tracks) {
    console.log(`  track     ${number}: ${type}, ${codecId}`);
  }
  // Tags can come behind the media, too.
  const { tags, events, millisBehindNow } = await fragment.finish();
  for (const { name, value } of tags) console.log(`  tag       ${name} = ${value}`);
  for (const { type, metadata } of events) console.log(`  event     ${type}`, metadata);
  if (millisBehindNow !== undefined) console.log(`  behind    ${millisBehindNow} ms`);
}
await setting.close();
