/** Sends a clip, and reads it back while it is being sent. */
import { openSetting, sendClip } from './support/setting.mjs';

const setting = await openSetting({ withClip: false });
const { service, streamName, consumer } = setting;

let sent = 0;
const sending = sendClip(service, streamName, () => (sent += 1));
// The stream may have to be created first: reading begins when the first frame is out.
while (sent === 0) {
  const wait = new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
  await Promise.race([sending, wait]);
}

let received = 0;
let isSent = false;
const over = new AbortController();
/** Ends the reading when all that was sent has come. */
function check() {
  if (isSent && received >= sent) over.abort();
}
sending.then(
  () => {
    isSent = true;
    check();
  },
  (error) => over.abort(error),
);
const start = { producerTimestamp: Date.now() - 60_000 };
try {
  for await (const fragment of consumer.getMedia({ streamName, start, signal: over.signal })) {
    for await (const frame of fragment.frames()) received += frame.data.length > 0 ? 1 : 0;
    const { fragmentNumber, end } = fragment;
    console.log(`fragment ${fragmentNumber}: ${end.frames} frames, ${Math.round(end.duration)} ms`);
    check();
  }
} catch (error) {
  if (!over.signal.aborted) throw error;
}
await sending;
console.log(`${sent} frames sent, ${received} received`);
await setting.close();
