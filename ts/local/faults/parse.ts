import { KinesisVideoError } from '../../internal/errors.js';
import type { LocalFault } from './fault.js';

/** The member that stands behind the `=` of an effect. */
const MAIN: Readonly<Record<string, string>> = {
  error: 'error',
  delay: 'delay',
  'ack-error': 'id',
  'drop-acks': 'types',
  slow: 'rate',
};
/** Members whose values are text whatever they look like. */
const TEXTS = ['stream'];

/**
 * Reads a fault that is written as `OPERATION:EFFECT[=VALUE][,NAME=VALUE…]`, such as
 * `PutMedia:ack-error=4002,after=3,first=2`. Its members are not checked yet.
 *
 * @throws KinesisVideoError when it is not of that form
 */
export function parseFault(text: string): LocalFault {
  const [, operation, effect, value, more = ''] =
    /^([^:,=]+):([^:,=]+)(?:=([^,]*))?((?:,.*)?)$/.exec(text) ?? [];
  if (operation === undefined || effect === undefined) throw malformed(text);
  const members = new Map<string, unknown>([
    ['operation', operation],
    ['effect', effect],
  ]);
  const main = MAIN[effect];
  if (value !== undefined) {
    if (main === undefined) throw malformed(text, `${effect} takes no value`);
    members.set(main, main === 'types' ? value.split('+') : valueOf(value));
  }
  for (const pair of more.split(',').slice(1)) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals);
    if (equals < 1 || members.has(name)) throw malformed(text, `"${pair}" is not one NAME=VALUE`);
    const given = pair.slice(equals + 1);
    members.set(name, TEXTS.includes(name) ? given : valueOf(given));
  }
  return Object.fromEntries(members) as unknown as LocalFault;
}

function valueOf(text: string): string | number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function malformed(text: string, why?: string): KinesisVideoError {
  const form = 'OPERATION:EFFECT[=VALUE][,NAME=VALUE...], such as PutMedia:error=503,first=2';
  const reason = why === undefined ? '' : ` (${why})`;
  return new KinesisVideoError(
    'STATUS_INVALID_ARG',
    `Expected a fault of the form ${form} but received ${JSON.stringify(text)}${reason}.`,
    { values: { fault: text } },
  );
}
