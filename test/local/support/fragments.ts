/** What the endpoint says it holds. */
import type { LocalKinesisVideo } from '../../../ts/local/index.js';
import { call } from './http.js';

export interface Fragment {
  readonly FragmentNumber: string;
  readonly FragmentSizeInBytes: number;
  readonly FragmentLengthInMilliseconds: number;
  readonly ProducerTimestamp: number;
  readonly ServerTimestamp: number;
}

/** All fragments of a stream, oldest first. */
export async function listFragments(
  local: LocalKinesisVideo,
  streamName = 'cam',
): Promise<Fragment[]> {
  const { json } = await call(local, '/listFragments', {
    StreamName: streamName,
    FragmentSelector: selector('SERVER_TIMESTAMP', 0, 4e9),
  });
  return json['Fragments'] as Fragment[];
}

/** A selector of fragments that begin from `from` to `to`, in epoch seconds. */
export function selector(type: string, from: number, to: number): object {
  return {
    FragmentSelectorType: type,
    TimestampRange: { StartTimestamp: from, EndTimestamp: to },
  };
}
