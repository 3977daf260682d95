/** What an endpoint says that it holds, asked for with the AWS SDK's client. */
import {
  GetMediaForFragmentListCommand,
  KinesisVideoArchivedMediaClient,
  ListFragmentsCommand,
} from '@aws-sdk/client-kinesis-video-archived-media';
import type { Readable } from 'node:stream';
import { readFragments } from '../../../ts/parser/index.js';

const LIST_SIZE = 200;

/** One fragment as it was read. */
export interface ReadFragment {
  readonly number: string;
  /** Milliseconds since the epoch. */
  readonly producerTimestamp: number;
  readonly frames: readonly Uint8Array[];
}

/** Reads the streams of an endpoint. */
export class Archive {
  readonly #client: KinesisVideoArchivedMediaClient;

  constructor(endpoint: string) {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    this.#client = new KinesisVideoArchivedMediaClient({
      endpoint,
      region: 'us-west-2',
      credentials,
    });
  }

  close(): void {
    this.#client.destroy();
  }

  /** The numbers of all fragments of a stream. */
  async list(streamName: string): Promise<string[]> {
    const numbers: string[] = [];
    const FragmentSelector = {
      FragmentSelectorType: 'SERVER_TIMESTAMP' as const,
      TimestampRange: { StartTimestamp: new Date(0), EndTimestamp: new Date(4e12) },
    };
    let next: string | undefined;
    do {
      const page = next === undefined ? { FragmentSelector } : { NextToken: next };
      const command = new ListFragmentsCommand({ StreamName: streamName, ...page });
      const answer = await this.#client.send(command);
      for (const { FragmentNumber } of answer.Fragments ?? []) numbers.push(FragmentNumber ?? '');
      next = answer.NextToken ?? undefined;
    } while (next !== undefined);
    return numbers;
  }

  /** Reads fragments; `missing` is told those that the endpoint does not have. */
  async *read(
    streamName: string,
    numbers: readonly string[],
    missing: (number: string) => void,
  ): AsyncGenerator<ReadFragment> {
    for (let at = 0; at < numbers.length; at += LIST_SIZE) {
      const Fragments = numbers.slice(at, at + LIST_SIZE);
      const command = new GetMediaForFragmentListCommand({ StreamName: streamName, Fragments });
      const { Payload } = await this.#client.send(command);
      const onError = ({ fragmentNumber = 'without a number' }): void => {
        missing(fragmentNumber);
      };
      for await (const fragment of readFragments(Payload as Readable, { onError })) {
        const frames: Uint8Array[] = [];
        for await (const { data } of fragment.frames()) frames.push(Uint8Array.from(data));
        const { fragmentNumber = '', producerTimestamp = NaN } = fragment;
        yield { number: fragmentNumber, producerTimestamp, frames };
      }
    }
  }
}
