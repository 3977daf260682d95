import * as assert from 'uvu/assert';
import type { ConnectRequest } from '../../ts/producer/upload-session.js';
import { Upload } from '../../ts/producer/upload.js';
import { suite } from '../support/suite.js';
import { makeNativeStream } from './support/native-stream.js';

const test = suite('upload wake-up');

const nothing = (): void => undefined;

/** Stops an upload with nothing to send so many microtasks after it has said that it is idle. */
async function drainsWhenStopped(
  upload: (onIdle: () => void, onDrained: () => void) => Upload,
  microtasks: number,
) {
  return new Promise<boolean>((resolve) => {
    const idle = async (): Promise<void> => {
      for (let i = 0; i < microtasks; i += 1) await Promise.resolve();
      made.stop();
      setTimeout(resolve, 200, false);
    };
    const made = upload(
      () => void idle(),
      () => {
        resolve(true);
      },
    );
    made.wake();
  });
}

for (const microtasks of [0, 1, 2, 3]) {
  test(`stop is not lost ${microtasks} microtasks after the upload fell idle`, async (t) => {
    const native = makeNativeStream(t);
    let told = false;
    const drained = await drainsWhenStopped(
      (onIdle, onDrained) =>
        new Upload({
          native,
          streamName: 'cam',
          absoluteFragmentTimes: true,
          fragmentAcks: true,
          restartOnError: true,
          connectionStaleness: 30_000,
          isGrowing: () => false,
          describe: () => Promise.resolve(),
          decide: ({ verdict }) => verdict,
          onRetry: nothing,
          connector: {
            expiration: () => Promise.resolve(0),
            connect: (request: ConnectRequest) => Promise.reject(new Error(request.streamName)),
            forgetEndpoint: nothing,
          },
          logger: {},
          settle: nothing,
          onState: (state) => {
            if (state !== 'idle' || told) return;
            told = true;
            onIdle();
          },
          onConnected: nothing,
          onDisconnected: nothing,
          onDrained,
          onFatal: nothing,
        }),
      microtasks,
    );
    assert.is(drained, true);
  });
}
