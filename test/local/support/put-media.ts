/** A PutMedia client for tests: writes what it is told and collects the acknowledgements. */
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { LocalKinesisVideo } from '../../../ts/local/index.js';
import type { TestContext } from '../../support/suite.js';
import { request } from './http.js';
import { signedHeaders, type SigningOptions } from './signing.js';

export interface Ack {
  readonly EventType: string;
  readonly FragmentTimecode?: number;
  readonly FragmentNumber?: string;
  readonly ErrorCode?: string;
  readonly ErrorId?: number;
}

export interface PutMediaOptions {
  /** Headers that differ from the usual ones; an empty text leaves a header out. */
  readonly headers?: Record<string, string>;
  readonly signing?: SigningOptions;
  readonly ca?: Buffer;
}

const HEADERS = {
  'transfer-encoding': 'chunked',
  'x-amzn-stream-name': 'cam',
  'x-amzn-fragment-timecode-type': 'RELATIVE',
  'x-amzn-producer-start-timestamp': '1735787045.250',
  'x-amzn-fragment-acknowledgment-required': '1',
};

export class TestPutMedia {
  readonly response: IncomingMessage;
  readonly #request: ClientRequest;
  #text = '';
  /** Fulfilled when the response has ended, rejected when it was cut off. */
  readonly ended: Promise<unknown>;

  private constructor(sent: ClientRequest, response: IncomingMessage) {
    this.#request = sent;
    this.response = response;
    response.on('data', (piece: Buffer) => {
      this.#text += piece.toString();
    });
    this.ended = once(response, 'end');
    this.ended.catch(() => undefined);
    // The endpoint may close while a test still writes; the acknowledgements say why.
    sent.on('error', () => undefined);
  }

  /** Opens a request and waits for its status. The body has not begun yet. */
  static async open(
    t: TestContext,
    local: LocalKinesisVideo,
    options: PutMediaOptions = {},
  ): Promise<TestPutMedia> {
    const wanted = Object.entries({ ...HEADERS, ...options.headers });
    const headers = await signedHeaders(local.endpoint, '/putMedia', {
      ...options.signing,
      headers: Object.fromEntries(wanted.filter(([, value]) => value !== '')),
    });
    const sent = request(local.endpoint, '/putMedia', headers, options.ca);
    t.after(() => sent.destroy());
    sent.flushHeaders();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return new TestPutMedia(sent, response);
  }

  /** Acknowledgements so far. */
  get acks(): Ack[] {
    return this.lines.map((line) => JSON.parse(line) as Ack);
  }

  get lines(): string[] {
    return this.#text.split('\n').slice(0, -1);
  }

  /** The whole body of the response so far. */
  get text(): string {
    return this.#text;
  }

  /** Types and timecodes of the acknowledgements so far: `PERSISTED 80`, `ERROR 0 4004`. */
  get summary(): string[] {
    return this.acks.map(({ EventType, FragmentTimecode, ErrorId }) =>
      [EventType, FragmentTimecode, ErrorId].filter((part) => part !== undefined).join(' '),
    );
  }

  /** Writes to the body; waits until it has left this process. */
  async write(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) =>
      this.#request.write(bytes, () => {
        resolve();
      }),
    );
  }

  /** Ends the body after `bytes` and waits for the end of the response. */
  async finish(bytes: Uint8Array = new Uint8Array(0)): Promise<this> {
    if (bytes.length > 0) await this.write(bytes);
    this.#request.end();
    await this.ended;
    return this;
  }

  /** Waits for an acknowledgement whose summary is `expected`. */
  async until(expected: string): Promise<Ack> {
    for (;;) {
      const at = this.summary.indexOf(expected);
      const found = this.acks[at];
      if (found !== undefined) return found;
      await Promise.race([
        once(this.response, 'data'),
        this.ended.then(() => {
          this.#over(expected);
        }),
      ]);
    }
  }

  /** Cuts the connection without ending the body. */
  destroy(): void {
    this.#request.destroy();
  }

  #over(expected: string): void {
    if (this.summary.includes(expected)) return;
    throw new Error(`Instead of ${expected} came ${this.summary.join(', ')}`);
  }
}

/** Sends `media` in one PutMedia and returns it when the endpoint has answered all of it. */
export async function putMedia(
  t: TestContext,
  local: LocalKinesisVideo,
  media: Uint8Array,
  options: PutMediaOptions = {},
): Promise<TestPutMedia> {
  const connection = await TestPutMedia.open(t, local, options);
  return await connection.finish(media);
}
