import { randomBytes } from 'node:crypto';
import type { LocalCredentials } from './options.js';
import type { LocalPermission } from './permissions.js';

/** One access key that the endpoint knows. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The token that has to go with a temporary key. */
  readonly sessionToken?: string;
  /** When a temporary key ends, in milliseconds since the Unix epoch. */
  readonly expires?: number;
  /** Who has it, for a refusal. */
  readonly owner?: string;
  /** All that it may do; everything when undefined. */
  readonly allow?: readonly LocalPermission[];
  /** Whether it may do something with a stream, or, for undefined, with no stream in particular. */
  readonly allows?: (streamName: string | undefined) => boolean;
}

/** The temporary keys of a role session. */
export type SessionKey = Required<Omit<AccessKey, 'allow'>>;

/** How many ended keys are remembered, so that they are refused as expired and not as unknown. */
const MAX_SESSIONS = 10_000;

/** The access keys of the endpoint: those that it was given, and those that it has handed out. */
export class AccessKeys {
  readonly #permanent: ReadonlyMap<string, AccessKey>;
  readonly #sessions = new Map<string, SessionKey>();

  constructor(pairs: readonly LocalCredentials[]) {
    // No more than what a pair is documented to have: one with a session token is none for ever.
    this.#permanent = new Map(
      pairs.map(({ accessKeyId, secretAccessKey, allow }) => [
        accessKeyId,
        { accessKeyId, secretAccessKey, ...(allow && { allow }) },
      ]),
    );
  }

  /** The key with that id; temporary ones are known for some time after their end. */
  find(accessKeyId: string): AccessKey | undefined {
    return this.#permanent.get(accessKeyId) ?? this.#sessions.get(accessKeyId);
  }

  /** Makes a temporary key. */
  issue(session: Pick<SessionKey, 'expires' | 'owner' | 'allows'>): SessionKey {
    const key: SessionKey = {
      ...session,
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(600).toString('base64'),
    };
    this.#sessions.set(key.accessKeyId, key);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    return key;
  }
}
