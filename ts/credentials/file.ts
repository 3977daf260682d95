import { open, type FileHandle } from 'node:fs/promises';
import type { AwsCredentialIdentity } from '@smithy/types';
import { KinesisVideoError } from '../internal/errors.js';
import { expected } from '../internal/options.js';
import { summarize } from '../logging/index.js';
import { checkCredentials } from './check.js';
import { afterSuccess, describeSource, traitsOf } from './sources.js';
import { tellAnswer } from './tell-answer.js';
import { LOCAL_CLOCK, type CredentialsProvider, type SourceRequest } from './types.js';

/** The longest file (bytes): keys and a session token of 10 000 bytes, with what stands around them. */
const MAX_LENGTH = 16 * 1024;

const TAG = 'CREDENTIALS';
const EXPIRATION = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const FORMAT =
  '`CREDENTIALS key secret` or `CREDENTIALS key expiration secret token`, ' +
  'with an expiration such as 2030-08-10T22:43:00Z';

/**
 * Credentials of a text file with one line, `CREDENTIALS key secret` or
 * `CREDENTIALS key expiration secret token`. Something else keeps the file up to date; whether it has
 * changed is looked up at each use. When it cannot be read, or holds something else for a moment, the
 * last credentials stay in use until they expire.
 *
 * The provider rejects with a KinesisVideoError: STATUS_FILE_CREDENTIAL_PROVIDER_OPEN_FILE_FAILED,
 * STATUS_FILE_CREDENTIAL_PROVIDER_INVALID_FILE_LENGTH (empty, or more than 16 KiB),
 * STATUS_FILE_CREDENTIAL_PROVIDER_INVALID_FILE_FORMAT, STATUS_INVALID_TOKEN_EXPIRATION.
 *
 * @throws KinesisVideoError STATUS_INVALID_ARG when `path` is not a path
 */
export function fromCredentialFile(path: string): CredentialsProvider {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw expected('the path of a file', 'credentialFile', path);
  }
  const file = new CredentialFile(path);
  const provider = (request?: SourceRequest): Promise<AwsCredentialIdentity> => file.get(request);
  const invalidate = (refused: AwsCredentialIdentity): boolean => file.invalidate(refused);
  return describeSource(Object.assign(provider, { invalidate }) as CredentialsProvider, {
    ...traitsOf(provider),
    origin: `The credentials of '${path}'`,
    isCache: true,
  });
}

/** What a file held, and by what to tell that it holds something else now. */
interface Content {
  readonly identity: AwsCredentialIdentity;
  readonly version: string;
}

class CredentialFile {
  readonly #path: string;
  #last: Content | undefined;
  #refused: AwsCredentialIdentity | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async get({ clock = LOCAL_CLOCK }: SourceRequest = {}): Promise<AwsCredentialIdentity> {
    const isUsable = (identity: AwsCredentialIdentity): boolean =>
      (identity.expiration?.getTime() ?? Infinity) > clock.now().getTime();
    const started = performance.now();
    let problem: unknown;
    try {
      const { identity } = await this.#readAndTell(started);
      if (isUsable(identity)) return identity;
      problem = this.#expired(identity, clock.now());
    } catch (error) {
      problem = error;
    }
    tellAnswer(started, () => ({ error: summarize(problem) }));
    const held = this.#last?.identity;
    if (held !== undefined && held !== this.#refused && isUsable(held)) return held;
    // What writes the file has done so before, and may do so again.
    throw problem instanceof KinesisVideoError && held !== undefined
      ? afterSuccess(problem, true)
      : problem;
  }

  invalidate(refused: AwsCredentialIdentity): boolean {
    this.#refused = refused;
    return true;
  }

  /** Reads the file, and tells when it holds something new. */
  async #readAndTell(started: number): Promise<Content> {
    const before = this.#last;
    const content = await this.#read();
    this.#last = content;
    const { expiration } = content.identity;
    if (content !== before) tellAnswer(started, () => ({ expiration: expiration?.getTime() }));
    return content;
  }

  async #read(): Promise<Content> {
    let file: FileHandle | undefined;
    try {
      file = await open(this.#path, 'r');
      // A file that replaces the other one has another number, even with the same time and size.
      const { mtimeNs, size, ino, dev } = await file.stat({ bigint: true });
      const version = [mtimeNs, size, ino, dev].join(' ');
      const last = this.#last;
      if (last?.version === version && last.identity !== this.#refused) return last;
      if (size === 0n || size > BigInt(MAX_LENGTH)) throw this.#badLength(Number(size));
      const identity = this.#parse(await file.readFile('utf8'));
      return { identity, version };
    } catch (error) {
      if (error instanceof KinesisVideoError) throw error;
      throw this.#unreadable(error);
    } finally {
      await file?.close();
    }
  }

  #parse(text: string): AwsCredentialIdentity {
    const words = text.trim().split(/\s+/);
    const [tag, accessKeyId = '', ...others] = words;
    if (tag !== TAG || (words.length !== 3 && words.length !== 5)) {
      throw this.#badFormat(`it has ${words.length} words${tag === TAG ? '' : ` and no ${TAG}`}`);
    }
    const [secretAccessKey = ''] = others.slice(-2);
    if (words.length === 3) return this.#checked({ accessKeyId, secretAccessKey });
    const [time = '', , sessionToken = ''] = others;
    const expiration = new Date(time);
    if (!EXPIRATION.test(time) || isNaN(expiration.getTime())) {
      throw this.#badFormat('its third word is not a time');
    }
    return this.#checked({ accessKeyId, secretAccessKey, sessionToken, expiration });
  }

  #checked(identity: AwsCredentialIdentity): AwsCredentialIdentity {
    return checkCredentials(identity, `The credentials of '${this.#path}'`);
  }

  #expired({ expiration }: AwsCredentialIdentity, now: Date): KinesisVideoError {
    const path = this.#path;
    const advice =
      'have what writes the file do so before they expire, and check the clock of this machine';
    return new KinesisVideoError(
      'STATUS_INVALID_TOKEN_EXPIRATION',
      `The credentials of '${path}' expired at ${String(expiration?.toISOString())}, and it is ${now.toISOString()}: ${advice}.`,
      {
        values: { path, expiration: expiration?.getTime(), now: now.getTime() },
        advice,
        retryable: true,
      },
    );
  }

  #unreadable(cause: unknown): KinesisVideoError {
    const path = this.#path;
    const advice = 'check that the file exists and that this user may read it';
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    return new KinesisVideoError(
      'STATUS_FILE_CREDENTIAL_PROVIDER_OPEN_FILE_FAILED',
      `The credentials cannot be read from '${path}' (${reason}): ${advice}.`,
      { values: { path }, advice, cause },
    );
  }

  #badLength(length: number): KinesisVideoError {
    const path = this.#path;
    const advice = `write one line, ${FORMAT}`;
    return new KinesisVideoError(
      'STATUS_FILE_CREDENTIAL_PROVIDER_INVALID_FILE_LENGTH',
      `The credential file '${path}' has ${length} bytes, and 1 to ${MAX_LENGTH} are allowed: ${advice}.`,
      { values: { path, length, limit: MAX_LENGTH }, advice },
    );
  }

  /** The content is a secret, whatever it is. */
  #badFormat(problem: string): KinesisVideoError {
    const path = this.#path;
    const advice = `write one line, ${FORMAT}`;
    return new KinesisVideoError(
      'STATUS_FILE_CREDENTIAL_PROVIDER_INVALID_FILE_FORMAT',
      `The credential file '${path}' cannot be understood (${problem}): ${advice}.`,
      { values: { path }, advice },
    );
  }
}
