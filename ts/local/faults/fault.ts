/** Faults on demand: what goes wrong with calls, and with which of them. */
import {
  number,
  oneOf,
  optional,
  resolveOptions,
  rule,
  string,
  type Check,
} from '../../internal/options.js';
import { KinesisVideoError } from '../../internal/errors.js';
import { suggest } from '../../internal/suggest.js';
import { ACK_TYPES, AckErrorId, type AckType } from '../media/acks.js';

/** Which calls a fault strikes: those for which all holds that is given. */
export interface FaultRule {
  /** The operation by its name, such as `PutMedia` or `GetHLSMediaPlaylist`; `*` is every one. */
  readonly operation: string;
  /** The stream by its name, with `*` and `?`. Default: all, and calls that concern none. */
  readonly stream?: string;
  /** Only the first so many of these calls. */
  readonly first?: number;
  /** Only every so-manieth of them. */
  readonly every?: number;
  /** Only a part of them, by chance: 0 to 1. */
  readonly probability?: number;
}

/** What goes wrong. */
export type FaultEffect =
  | {
      /** The call is refused. */
      readonly effect: 'error';
      /** The name of an exception, or an HTTP status, whose answer is a page of HTML as of a proxy. */
      readonly error: string | number;
      /** HTTP status that goes with the name. Default: the one of that exception, else 400. */
      readonly status?: number;
    }
  | {
      /** The call is dealt with later. */
      readonly effect: 'delay';
      /** Milliseconds. */
      readonly delay: number;
    }
  | {
      /** The call is never answered; of a PutMedia all is taken and nothing acknowledged. */
      readonly effect: 'hang';
      /** PutMedia only: begins behind so many whole fragments, with a connection that works until then. */
      readonly after?: number;
    }
  | {
      /** The connection is reset (over TLS: cut). */
      readonly effect: 'reset';
      /** PutMedia only: behind so many whole fragments. Default: at once. */
      readonly after?: number;
      /** Not for PutMedia: when so many bytes of the answer's body have been sent. Default: at once. */
      readonly bytes?: number;
    }
  | {
      /** A PutMedia ends with an ERROR acknowledgement. */
      readonly effect: 'ack-error';
      /** The ErrorId, such as 4002. */
      readonly id: number;
      /** About the fragment behind so many whole ones. Default 0. */
      readonly after?: number;
    }
  | {
      /** Acknowledgements of a PutMedia do not arrive. */
      readonly effect: 'drop-acks';
      /** Which ones. Default: all. */
      readonly types?: readonly AckType[];
    }
  | {
      /** Media of a PutMedia are taken slowly; of other calls, the answer is sent slowly. */
      readonly effect: 'slow';
      /** Bytes per second. */
      readonly rate: number;
    };

/** A fault that the endpoint makes on purpose. */
export type LocalFault = FaultRule & FaultEffect;

const EFFECTS = ['error', 'delay', 'hang', 'reset', 'ack-error', 'drop-acks', 'slow'] as const;
const MAX_DELAY_MS = 2 ** 31 - 1;
const PUT_MEDIA = 'PutMedia';
/** Members that are about the media of a PutMedia. */
const ABOUT_MEDIA = ['after', 'id', 'types'];

const whole = (min: number, unit: string): Check<number> =>
  number({ min, max: Number.MAX_SAFE_INTEGER, unit, whole: true });
const fragments = optional(whole(0, 'fragments'));
const status = number({ min: 200, max: 599, unit: 'HTTP statuses', whole: true });

const RULE = {
  operation: string('the name of an operation, or *,', (text) => text !== ''),
  stream: optional(string('the name of a stream', (text) => text !== '')),
  first: optional(whole(1, 'calls')),
  every: optional(whole(1, 'calls')),
  probability: optional(
    rule('a number from 0 to 1', (value) => Number(value) >= 0 && Number(value) <= 1),
  ),
  effect: oneOf(...EFFECTS),
};

const MEMBERS: Readonly<Record<LocalFault['effect'], Record<string, Check<unknown>>>> = {
  error: {
    error: rule(
      'the name of an exception, or an HTTP status from 200 to 599,',
      (value) =>
        (typeof value === 'string' && /^[A-Za-z]+$/.test(value)) ||
        (Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599),
    ),
    status: optional(status),
  },
  delay: { delay: number({ min: 0, max: MAX_DELAY_MS, unit: 'milliseconds' }) },
  hang: { after: fragments },
  reset: { after: fragments, bytes: optional(whole(1, 'bytes')) },
  'ack-error': {
    id: rule(
      `the id of an ERROR acknowledgement (${Object.values(AckErrorId).join(', ')})`,
      (value) => Object.values(AckErrorId).some((id) => id === value),
    ),
    after: fragments,
  },
  'drop-acks': {
    types: optional(
      rule(
        `a list of ${ACK_TYPES.join(', ')}`,
        (value) =>
          Array.isArray(value) &&
          value.length > 0 &&
          value.every((type) => ACK_TYPES.some((known) => known === type)),
      ),
    ),
  },
  slow: { rate: number({ min: 1, max: Number.MAX_VALUE, unit: 'bytes per second' }) },
};

/**
 * Checks a fault, and gives its operation the spelling of the API.
 *
 * @param operations - the names of all operations
 * @throws KinesisVideoError for what is unknown, missing or out of range
 */
export function checkFault(fault: unknown, operations: readonly string[]): LocalFault {
  const { effect } = Object(fault) as Partial<LocalFault>;
  const known = EFFECTS.find((name) => name === effect);
  const shape = { ...RULE, ...(known && MEMBERS[known]) };
  const { operation, ...others } = resolveOptions('a fault', shape, fault);
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  const checked = { operation: nameOf(operation, operations), ...Object.fromEntries(given) };
  checkMedia(checked as LocalFault);
  return Object.freeze(checked) as LocalFault;
}

function nameOf(given: string, operations: readonly string[]): string {
  if (given === '*') return given;
  const found = operations.find((name) => name.toLowerCase() === given.toLowerCase());
  if (found !== undefined) return found;
  const near = suggest(given, operations);
  const hint = near === undefined ? 'use a name of the API, or *.' : `did you mean ${near}?`;
  throw invalid(`There is no operation "${given}" to have a fault: ${hint}`);
}

function checkMedia(fault: LocalFault): void {
  const isPut = fault.operation === PUT_MEDIA;
  const about = Object.keys(fault).find((name) => ABOUT_MEDIA.includes(name));
  if (!isPut && (about !== undefined || fault.effect === 'drop-acks')) {
    const what = about === undefined ? fault.effect : `${fault.effect} with ${about}`;
    throw invalid(`A fault ${what} is about media: it goes with ${PUT_MEDIA} only.`);
  }
  if (isPut && fault.effect === 'reset' && fault.bytes !== undefined) {
    throw invalid(`A reset of ${PUT_MEDIA} is told by fragments: give after instead of bytes.`);
  }
}

function invalid(message: string): KinesisVideoError {
  return new KinesisVideoError('STATUS_INVALID_ARG', message);
}
