/** This producer, without a network: frames go in through the API, Matroska comes out of the core. */
import { CODEC_PRIVATE, FRAME_MS, FRAMES_PER_FRAGMENT } from '../harness/media.mjs';
import {
  binding,
  highPart,
  KinesisVideoStream,
  kConstruct,
  lowPart,
  ReadKind,
  resolveDefinition,
  toNativeConfig,
} from '../../build/bench-internals.mjs';

const STORAGE = 128 * 1024 * 1024;
const START = 1_700_000_000_000;
/** What the uploader reads at a time from a stream that is not behind. */
const CHUNK = 64 * 1024;

export const title = 'this producer';

/** A stream of the public API whose bytes are read here and not sent. */
function makeStream() {
  const definition = resolveDefinition({
    streamName: 'bench',
    tracks: [{ codec: 'h264', codecPrivateData: CODEC_PRIVATE }],
  });
  const client = binding().createClient(STORAGE, 0, '', 0);
  const native = client.createStream(toNativeConfig(definition, true));
  const nothing = () => undefined;
  const engine = {
    handleSignals: nothing,
    onPut: nothing,
    onFragmentEnd: nothing,
    stop: nothing,
    reset: nothing,
    destroy: nothing,
  };
  const stream = KinesisVideoStream[kConstruct]({
    native,
    definition,
    logger: {},
    calls: { metrics: {} },
    makeEngine: () => engine,
    unseenFailures: new Set(),
    rooms: new Set(),
    onClosed: nothing,
  });
  return { stream, native };
}

/**
 * @param {{ data: Uint8Array, keyFrame: boolean }[]} frames
 * @returns what puts the next frames, and reads what the producer would send after each of them
 */
export function open(frames) {
  const { stream, native } = makeStream();
  const out = new Uint8Array(CHUNK);
  let index = 0;
  let session;
  let bytes = 0;

  const read = () => {
    for (;;) {
      const result = native.readSession(session, out);
      bytes += lowPart(result);
      if (highPart(result) !== ReadKind.FULL) return;
    }
  };
  const acknowledge = (timecode) => {
    const line = `{"EventType":"PERSISTED","FragmentTimecode":${timecode},"FragmentNumber":"1"}\n`;
    native.ackBytes(session, Buffer.from(line), 0);
    while (native.pollEvent() !== undefined);
  };

  return {
    run(count) {
      const before = bytes;
      for (const last = index + count; index < last; index += 1) {
        const { data, keyFrame } = frames[index % FRAMES_PER_FRAGMENT];
        const presentationTs = START + index * FRAME_MS;
        stream.putFrame({ data, keyFrame, presentationTs });
        session ??= native.openSession(0).sessionId;
        read();
        if (keyFrame && index > 0) acknowledge(presentationTs - FRAMES_PER_FRAGMENT * FRAME_MS);
      }
      return bytes - before;
    },
    /** What the core says of itself, to see that nothing was dropped. */
    metrics: () => native.metrics(),
  };
}
