/** Credentials that can expire, be revoked, and be hard to get. */
import type { Credentials } from '../../../ts/index.js';
import { canaryCredentials } from './canary.js';

/** How the provider answers. */
export type ProviderMood =
  'answers' | 'rejects' | 'throws' | 'hangs' | 'answers late' | 'is cut off';

/** Milliseconds of an answer that is late. */
const LATE = 1500;

/** A provider as a user would write one. Each answer has a session token of its own. */
export class CredentialSource {
  /** Milliseconds that each answer is good for; undefined is for ever. */
  lifetime: number | undefined;
  /** Answers so far. */
  answers = 0;
  #mood: ProviderMood = 'answers';
  #release: (() => void)[] = [];
  /** Session tokens of answers up to this one are refused. */
  revoked = 0;

  set mood(mood: ProviderMood) {
    this.#mood = mood;
    const release = this.#release;
    this.#release = [];
    for (const go of release) go();
  }

  /** The function to give to a client. */
  readonly provide = (): Promise<Credentials> => {
    if (this.#mood === 'throws') {
      throw new Error(`the vault is locked (secretAccessKey=${canaryCredentials.secretAccessKey})`);
    }
    return this.#answer();
  };

  /** Whether a request's session token was revoked. */
  isRevoked(token: unknown): boolean {
    const number = Number(/-(\d+)$/.exec(String(token))?.[1] ?? 0);
    return number <= this.revoked;
  }

  /** Has every answer so far refused. */
  revoke(): void {
    this.revoked = this.answers;
  }

  async #answer(): Promise<Credentials> {
    if (this.#mood === 'answers late') await new Promise((resolve) => setTimeout(resolve, LATE));
    if (this.#mood === 'hangs') await new Promise<void>((resolve) => this.#release.push(resolve));
    if (this.#mood === 'rejects') {
      throw new Error(`refused {"sessionToken":"${canaryCredentials.sessionToken}"}`);
    }
    if (this.#mood === 'is cut off') {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    }
    this.answers += 1;
    return {
      accessKeyId: canaryCredentials.accessKeyId,
      secretAccessKey: canaryCredentials.secretAccessKey,
      sessionToken: `${canaryCredentials.sessionToken}-${this.answers}`,
      ...(this.lifetime !== undefined && { expiration: new Date(Date.now() + this.lifetime) }),
    };
  }
}
