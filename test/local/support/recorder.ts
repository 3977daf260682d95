/** A recorder without an endpoint, whose acknowledgements go nowhere. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { FragmentStore } from '../../../ts/local/fragments/store.js';
import { AckWriter } from '../../../ts/local/media/acks.js';
import {
  FragmentRecorder,
  type RecorderOptions,
} from '../../../ts/local/media/fragment-recorder.js';
import { StreamMetrics } from '../../../ts/local/metrics/stream-metrics.js';
import type { LocalStream } from '../../../ts/local/streams/stream.js';

/** Makes a recorder of a stream that numbers its fragments from 1 on. */
export function makeRecorder(
  fragments: FragmentStore,
  options: Pick<RecorderOptions, 'onPersisted' | 'onFailure'> & { readonly retains: boolean },
): FragmentRecorder {
  const { retains, ...listeners } = options;
  let count = 0;
  const stream = {
    fragments,
    retains,
    metrics: new StreamMetrics(),
    nextFragmentNumber: () => String((count += 1)),
    enforceRetention: () => undefined,
  } as unknown as LocalStream;
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  return new FragmentRecorder({
    stream,
    acks: new AckWriter(response, { enabled: false, delay: 0 }),
    now: Date.now,
    origin: 0,
    onBegun: () => undefined,
    ...listeners,
  });
}
