/**
 * A stream of the public API whose bytes are read here and not sent: what the producer does, without
 * a network.
 */
import { loadInternals } from '../harness/internals.mjs';

const { binding, highPart, lowPart, ReadKind, kConstruct, ...producer } = await loadInternals();
const { KinesisVideoStream, resolveDefinition, toNativeConfig } = producer;

const STORAGE = 128 * 1024 * 1024;
/** What the uploader reads at a time from a stream that is not behind. */
const CHUNK = 64 * 1024;

const nothing = () => undefined;
const ENGINE = {
  handleSignals: nothing,
  onPut: nothing,
  onFragmentEnd: nothing,
  stop: nothing,
  reset: nothing,
  destroy: nothing,
};

/**
 * @param definition - as for `createStream`
 * @returns the `stream`; `read`, which takes all that is ready and gives its bytes to a function; and
 *   `acknowledge`, which has the fragment with a timecode forgotten
 */
export function openCoreStream(definition) {
  const resolved = resolveDefinition({ streamName: 'bench', ...definition });
  const client = binding().createClient(STORAGE, 0, '', 0);
  const native = client.createStream(toNativeConfig(resolved, true));
  const stream = KinesisVideoStream[kConstruct]({
    native,
    definition: resolved,
    logger: {},
    calls: { metrics: {} },
    makeEngine: () => ENGINE,
    unseenFailures: new Set(),
    rooms: new Set(),
    onClosed: nothing,
  });
  const out = new Uint8Array(CHUNK);
  let session;
  return {
    stream,
    read(take) {
      session ??= native.openSession(0).sessionId;
      for (;;) {
        const result = native.readSession(session, out);
        take(out.subarray(0, lowPart(result)));
        if (highPart(result) !== ReadKind.FULL) return;
      }
    },
    acknowledge(timecode) {
      const line = `{"EventType":"PERSISTED","FragmentTimecode":${timecode},"FragmentNumber":"1"}\n`;
      native.ackBytes(session, Buffer.from(line), 0);
      while (native.pollEvent() !== undefined);
    },
  };
}
