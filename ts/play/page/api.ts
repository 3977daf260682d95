/** What the page asks its server for. */
import type {
  AckEvent,
  ErrorAnswer,
  FragmentRow,
  PageConfig,
  SessionAnswer,
  SessionRequest,
} from '../protocol.js';

/** What went wrong, in a sentence that says what to do. */
export class PageError extends Error {
  override readonly name = 'PageError';
  readonly code: string;
  /** Whether another attempt may succeed. */
  readonly isTemporary: boolean;

  constructor(code: string, message: string, isTemporary = false) {
    super(message);
    this.code = code;
    this.isTemporary = isTemporary;
  }
}

/** What the page is about. */
export function getConfig(): Promise<PageConfig> {
  return getJson('config');
}

/** The fragments that begin in a range of time. */
export function getFragments(start: number, end: number): Promise<FragmentRow[]> {
  return getJson(`fragments?start=${Math.floor(start)}&end=${Math.ceil(end)}`);
}

/** Opens a playback session; returns the URL for the player. */
export async function openSession(request: SessionRequest, signal: AbortSignal): Promise<string> {
  const query = new URLSearchParams(
    Object.entries(request).map(([name, value]) => [name, String(value)]),
  );
  const { url } = await getJson<SessionAnswer>(`session?${query.toString()}`, signal);
  return new URL(url, document.baseURI).href;
}

/** Opens GetMedia; `start` is as `parseStart` of the server takes it. */
export async function openMedia(
  start: string,
  signal: AbortSignal,
): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const answer = await get(`media?start=${start}`, signal);
  if (answer.body === null)
    throw new PageError('NO_MEDIA', 'The service sends nothing: try again.');
  return answer.body.getReader();
}

/** Calls `listener` for the acknowledgements that the producer has got and will get. */
export function watchAcks(listener: (ack: AckEvent) => void): void {
  const events = new EventSource('events');
  events.onmessage = ({ data }: MessageEvent<string>) => {
    listener(JSON.parse(data) as AckEvent);
  };
}

async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await get(path, signal)).json()) as T;
}

async function get(path: string, signal?: AbortSignal): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw new PageError(
      'SERVER_GONE',
      `The command kvs play does not answer (${String(error)}): start it again and open the address that it prints.`,
      true,
    );
  }
  if (answer.ok) return answer;
  const text = await answer.text();
  throw errorOf(text);
}

function errorOf(text: string): PageError {
  try {
    const { code, message, retryable } = JSON.parse(text) as ErrorAnswer;
    return new PageError(code, message, retryable);
  } catch {
    return new PageError('REFUSED', text);
  }
}
