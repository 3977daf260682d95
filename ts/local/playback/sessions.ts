import { randomBytes } from 'node:crypto';
import type { LocalStream } from '../streams/stream.js';
import type { PlaybackRequest } from './request.js';
import { PlaybackSession } from './session.js';

/** Bytes of chance in a token, which is all that protects the media of a session. */
const TOKEN_BYTES = 96;
/** Tokens of ended sessions that are remembered, so that their viewers are told why. */
const MAX_REMEMBERED = 1000;

/** What a token stands for. */
export type SessionState = PlaybackSession | 'expired' | 'unknown';

/** The sessions of all viewers, by their tokens. They end with the endpoint. */
export class PlaybackSessions {
  readonly #now: () => number;
  readonly #sessions = new Map<string, PlaybackSession>();
  readonly #expired = new Set<string>();

  /** @param now - the endpoint's clock, in epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Begins a session and returns its token. Throws ServiceException when there is nothing to play. */
  async begin(stream: LocalStream, request: PlaybackRequest): Promise<string> {
    this.#dropExpired();
    const session = new PlaybackSession(stream, request, this.#now);
    await session.begin();
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    this.#sessions.set(token, session);
    return token;
  }

  /** The session of a token. */
  find(token: string): SessionState {
    this.#dropExpired();
    return this.#sessions.get(token) ?? (this.#expired.has(token) ? 'expired' : 'unknown');
  }

  #dropExpired(): void {
    const now = this.#now();
    for (const [token, session] of this.#sessions) {
      const { deleted } = session.stream;
      if (now < session.expiresAt && !deleted.aborted) continue;
      this.#sessions.delete(token);
      this.#expired.add(token);
    }
    for (const token of this.#expired) {
      if (this.#expired.size <= MAX_REMEMBERED) break;
      this.#expired.delete(token);
    }
  }
}
