import { inspect, type InspectOptions } from 'node:util';
import { redact, redactError, redactValues } from './redact.js';
import { Status, type StatusName } from './status.js';

/** Shared by every copy of this package in a process, so that `instanceof` works across them. */
const BRAND = Symbol.for('kinesis-video-producer.KinesisVideoError');

/** What an error may tell besides its code and sentence. */
export interface KinesisVideoErrorOptions {
  /** The offending values and their limits, by name. Secrets are masked. */
  readonly values?: Readonly<Record<string, unknown>> | undefined;
  /** What to do about it, as a clause that the message ends with. */
  readonly advice?: string | undefined;
  /** Whether the same call can succeed later without a change by the user. Default false. */
  readonly retryable?: boolean | undefined;
  /** The id that the service gave the failed request, for AWS support. */
  readonly requestId?: string | undefined;
  /** What was caught; a copy without anything that could hold a secret is kept. */
  readonly cause?: unknown;
}

/**
 * The error of this package. Match on `code`, which is stable; `message` is for people and names
 * the offending value and the remedy. Message, properties and JSON form never hold a secret.
 *
 * @example
 * ```ts
 * try {
 *   stream.putFrame(frame);
 * } catch (error) {
 *   if (error instanceof KinesisVideoError && error.code === 'STATUS_STORE_OUT_OF_MEMORY') slowDown();
 *   else throw error;
 * }
 * ```
 */
export class KinesisVideoError extends Error {
  /** `KinesisVideoError`, also where classes are renamed. */
  declare readonly name: string;
  /** The name of the status, such as `STATUS_STORE_OUT_OF_MEMORY`. */
  readonly code: StatusName;
  /** The number of the status, such as 0x5200002e. */
  readonly status: number;
  /** Whether the same call can succeed later without a change by the user. */
  readonly retryable: boolean;
  /** The offending values and their limits, by name. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What to do about it, when there is something to do. */
  declare readonly advice?: string;
  /** The id that the service gave the failed request. */
  declare readonly requestId?: string;

  /**
   * @param code - name of the status
   * @param message - a whole sentence that holds the offending value and the remedy
   */
  constructor(code: StatusName, message: string, options: KinesisVideoErrorOptions = {}) {
    super(redact(message));
    this.code = code;
    this.status = Status[code];
    this.retryable = options.retryable ?? false;
    this.values = redactValues(options.values ?? {});
    if (options.advice !== undefined) this.advice = redact(options.advice);
    if (options.requestId !== undefined) this.requestId = redact(options.requestId);
    if (options.cause !== undefined) this.cause = safeCause(options.cause);
  }

  static {
    // On the prototype, where V8 finds it for the first line of the stack.
    Object.defineProperty(this.prototype, 'name', { value: 'KinesisVideoError' });
  }

  /** The brand that `instanceof` looks for. */
  get [BRAND](): true {
    return true;
  }

  /** True for an instance of any copy of this class in the process. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    const isError = typeof value === 'object' && value !== null && BRAND in value;
    // A subclass inherits this method and must not claim the errors of its parent.
    const proto = (this as { prototype: object }).prototype;
    return (
      isError && (this === KinesisVideoError || Object.prototype.isPrototypeOf.call(proto, value))
    );
  }

  /** The error as plain data for logs: everything but the stack and the cause. */
  toJSON(): Record<string, unknown> {
    return { name: this.name, message: this.message, ...this.#details(), status: this.status };
  }

  /** What `console.log` prints: the stack, then the properties, with the status in hexadecimal. */
  [inspect.custom](depth: number, options: InspectOptions): string {
    if (depth < 0) return `[${this.name}: ${this.code}]`;
    const details = this.cause === undefined ? {} : { cause: this.cause };
    return `${this.stack ?? this.message} ${inspect({ ...this.#details(), ...details }, { ...options, depth })}`;
  }

  #details(): Record<string, unknown> {
    return {
      code: this.code,
      status: `0x${this.status.toString(16).padStart(8, '0')}`,
      retryable: this.retryable,
      values: this.values,
      ...(this.advice !== undefined && { advice: this.advice }),
      ...(this.requestId !== undefined && { requestId: this.requestId }),
    };
  }
}

/** Errors of this package are clean already and keep their identity. */
function safeCause(cause: unknown): unknown {
  return cause instanceof KinesisVideoError ? cause : redactError(cause);
}
