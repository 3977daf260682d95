import type { ServerResponse } from 'node:http';
import type { AckEvent } from '../protocol.js';
import { begin } from './answer.js';

/** How many events a page that comes later is told. */
const KEPT = 200;

/** Tells the pages about acknowledgements as they come, as server-sent events. */
export class EventStream {
  readonly #readers = new Set<ServerResponse>();
  readonly #kept: AckEvent[] = [];

  /** Sends an event to all pages. */
  publish(event: AckEvent): void {
    this.#kept.push(event);
    if (this.#kept.length > KEPT) this.#kept.shift();
    for (const reader of this.#readers) reader.write(message(event));
  }

  /** Answers with the events so far, and with those to come. */
  attach(response: ServerResponse): void {
    begin(response, 200, { 'content-type': 'text/event-stream' });
    response.write(this.#kept.map(message).join('') || ':\n\n');
    this.#readers.add(response);
    response.once('close', () => this.#readers.delete(response));
  }
}

function message(event: AckEvent): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}
