import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { resetOf } from './http-injector.js';

/** An acknowledgement as the endpoint wrote it. */
export interface WireAck {
  readonly EventType: string;
  readonly FragmentTimecode?: number;
  readonly FragmentNumber?: string;
  readonly ErrorId?: number;
  readonly ErrorCode?: string;
}

/** What happens to an acknowledgement: the rule passes it on, changes it, or keeps it. */
export type AckRule = (ack: WireAck, exchange: MediaExchange, line: string) => void;

/** What an exchange asks its injector. */
interface Owner {
  readonly ackRule: AckRule | undefined;
  readonly holdsEnd: boolean;
}

/** One PutMedia that passes through an injector: media up untouched, acknowledgements line by line. */
export class MediaExchange {
  readonly #owner: Owner;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #upstream: ClientRequest;
  #rest = '';
  #ended = false;
  #healed = false;
  #trickling: Promise<void> = Promise.resolve();
  /** Timecodes of the fragments that have begun and are not stored. */
  readonly open = new Set<number>();
  /** The latest fragment that has begun. */
  begun: WireAck | undefined;
  /** Acknowledgements that have come. */
  count = 0;

  constructor(
    owner: Owner,
    request: IncomingMessage,
    response: ServerResponse,
    upstream: ClientRequest,
    answer: IncomingMessage,
  ) {
    this.#owner = owner;
    this.#request = request;
    this.#response = response;
    this.#upstream = upstream;
    answer.setEncoding('utf8');
    answer.on('data', (text: string) => {
      this.#take(text);
    });
    answer.on('end', () => {
      void this.#trickling.then(() => {
        if (!owner.holdsEnd) this.end();
      });
    });
  }

  /** Whether the rule was taken away since this upload began. */
  get isHealed(): boolean {
    return this.#healed;
  }

  /** Sends text to the producer. */
  send(text: string): void {
    if (!this.#ended) this.#response.write(text);
  }

  /** Sends a text one byte at a time, each in a packet of its own. */
  trickle(text: string): void {
    this.#trickling = this.#trickling.then(async () => {
      for (const byte of Buffer.from(text)) {
        if (this.#ended || this.#response.destroyed) return;
        await new Promise((resolve) => {
          this.#response.write(Buffer.of(byte), resolve);
        });
      }
    });
  }

  /** Ends the answer in good form; the endpoint stores nothing of what is under way. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#response.end();
    this.#request.unpipe(this.#upstream);
    this.#request.resume();
    this.#upstream.destroy();
  }

  /** Sends an ERROR acknowledgement and ends the answer, as the service does. */
  fail(errorId: number, errorCode: string, ack?: WireAck): void {
    const { FragmentTimecode = -1, FragmentNumber = '' } = ack ?? {};
    const error = { FragmentTimecode, FragmentNumber, ErrorCode: errorCode, ErrorId: errorId };
    this.send(`${JSON.stringify({ EventType: 'ERROR', ...error })}\n`);
    this.end();
  }

  /** Resets the connection with the producer. */
  reset(): void {
    this.#ended = true;
    resetOf(this.#request);
    this.#upstream.destroy();
  }

  /** The rule is over. */
  heal(): void {
    this.#healed = true;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') continue;
      const ack = JSON.parse(line) as WireAck;
      this.#track(ack);
      const rule = this.#owner.ackRule;
      if (rule === undefined) this.send(`${line}\n`);
      else rule(ack, this, `${line}\n`);
    }
  }

  #track(ack: WireAck): void {
    const { EventType, FragmentTimecode = -1 } = ack;
    this.count += 1;
    if (EventType === 'BUFFERING') {
      this.open.add(FragmentTimecode);
      this.begun = ack;
    }
    if (EventType === 'PERSISTED') this.open.delete(FragmentTimecode);
  }
}
