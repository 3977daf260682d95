/** How the page goes on where an answer of GetMedia has ended; its server is not asked. */
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import type { FragmentEnd, FragmentHeader } from '../../ts/parser/index.js';
import { cluster, liveHeader, simpleBlock, tags } from '../parser/support/mkv.js';
import { suite, type TestContext } from '../support/suite.js';

const test = suite('the connection of the page');

interface Follower {
  follow(): Promise<void>;
  close(): void;
}

/** The page has types of its own, those of a browser. */
async function makeConnection(events: object): Promise<Follower> {
  const path = fileURLToPath(
    new URL('../../ts/play/page/low-latency/connection.ts', import.meta.url),
  );
  const { Connection } = (await import(pathToFileURL(path).href)) as {
    Connection: new (events: object) => Follower;
  };
  return new Connection(events);
}

/** What GetMedia sends of a fragment. */
function fragment(number: number): Buffer {
  return Buffer.concat([
    liveHeader(),
    tags({
      AWS_KINESISVIDEO_FRAGMENT_NUMBER: String(number),
      AWS_KINESISVIDEO_SERVER_TIMESTAMP: '1700000000.000',
      AWS_KINESISVIDEO_PRODUCER_TIMESTAMP: '1700000000.000',
    }),
    cluster(0, simpleBlock(1, 0)),
    tags({ AWS_KINESISVIDEO_CONTINUATION_TOKEN: String(number) }),
  ]);
}

/** Follows a stream through these answers; returns the numbers of the fragments that were passed on. */
async function follow(t: TestContext, answers: readonly (readonly number[])[]): Promise<string[]> {
  const shown: string[] = [];
  const waiting = [...answers];
  const { fetch } = globalThis;
  t.after(() => {
    globalThis.fetch = fetch;
  });
  globalThis.fetch = () => {
    const numbers = waiting.shift();
    if (numbers === undefined) connection.close();
    return Promise.resolve(
      new Response(new Uint8Array(Buffer.concat((numbers ?? []).map(fragment)))),
    );
  };
  const ignore = (): void => undefined;
  const connection = await makeConnection({
    received: ignore,
    waiting: ignore,
    restarted: ignore,
    ready: () => Promise.resolve(),
    fragment: ({ fragmentNumber = '' }: FragmentHeader) => shown.push(fragmentNumber),
    frame: ignore,
    end: ({ frames }: FragmentEnd) => {
      assert.is(frames, 1);
    },
    error: ignore,
  });
  await connection.follow();
  return shown;
}

test('the fragment that was read last is not shown again', async (t) => {
  assert.equal(
    await follow(t, [
      [8, 9],
      [9, 10],
    ]),
    ['8', '9', '10'],
  );
});

test('a stream that was made anew is shown, though its numbers begin again', async (t) => {
  assert.equal(
    await follow(t, [
      [8, 9],
      [1, 2],
    ]),
    ['8', '9', '1', '2'],
  );
});
