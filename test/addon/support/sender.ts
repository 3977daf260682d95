/**
 * A thread that sends what another one puts. A message with the ids of a client and of a stream has
 * it attach, read sessions and acknowledge every fragment; it ends when the stream is closed or
 * with the message `let go`, and answers `done`.
 */
import { parentPort } from 'node:worker_threads';
import { binding } from '../../../ts/internal/binding.js';
import { highPart, lowPart, ReadKind, type NativeStream } from '../../../ts/internal/native.js';
import { ClusterScanner } from '../../producer/support/clusters.js';

/** What is told to attach to. */
export interface Target {
  readonly clientId: number;
  readonly streamId: number;
}

const chunk = Buffer.alloc(16 * 1024);
let isToldToLetGo = false;

/** One session after the other, until the stream is gone. */
class Sender {
  readonly #stream: NativeStream;
  #sessionId = -1;
  #scanner = new ClusterScanner();
  #acked = 0;

  constructor(stream: NativeStream) {
    this.#stream = stream;
  }

  /** Reads and acknowledges what there is. False when the stream is closed. */
  step(): boolean {
    const stream = this.#stream;
    if (this.#sessionId < 0) this.#open();
    const result = stream.readSession(this.#sessionId, chunk);
    this.#scanner.push(chunk.subarray(0, lowPart(result)));
    for (; this.#acked < this.#scanner.timecodes.length - 1; this.#acked += 1) {
      const timecode = this.#scanner.timecodes[this.#acked];
      const ack = `{"EventType":"PERSISTED","FragmentTimecode":${timecode},"FragmentNumber":"1"}\n`;
      stream.ackBytes(this.#sessionId, Buffer.from(ack), 0);
      if (this.#acked === 0) parentPort?.postMessage('sending');
    }
    if (highPart(result) === ReadKind.ABORTED) {
      stream.closeSession(this.#sessionId, 200);
      this.#sessionId = -1;
    }
    while (stream.pollEvent() !== undefined);
    stream.takeSignals();
    stream.tick();
    return typeof stream.metrics() !== 'number';
  }

  #open(): void {
    const session = this.#stream.openSession(0);
    if (typeof session === 'number') return;
    this.#sessionId = session.sessionId;
    this.#scanner = new ClusterScanner();
    this.#acked = 0;
  }
}

async function send({ clientId, streamId }: Target): Promise<string> {
  const client = binding().attachClient(clientId);
  if (typeof client === 'number') return 'no client';
  const stream = client.attachStream(streamId);
  if (typeof stream === 'number') return 'no stream';
  const sender = new Sender(stream);
  while (!isToldToLetGo && sender.step()) {
    // Lets messages in, without a pause.
    await new Promise((resolve) => setImmediate(resolve));
  }
  stream.close();
  client.close();
  return 'done';
}

parentPort?.on('message', (message: Target | 'let go') => {
  isToldToLetGo = message === 'let go';
  if (message !== 'let go') void send(message).then((end) => parentPort?.postMessage(end));
});
