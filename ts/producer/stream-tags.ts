import { expected, string, type Check } from '../internal/options.js';

const MAX_TAGS = 50;
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const checkTagName: Check<string> = string(
  '1 to 128 letters, digits, spaces and _ . : / = + - @, not beginning with "aws:",',
  (text) => text.length >= 1 && text.length <= 128 && TAG_TEXT.test(text) && !/^aws:/i.test(text),
  'STATUS_INVALID_TAG_NAME_LEN',
);
const checkTagValue: Check<string> = string(
  'at most 256 letters, digits, spaces and _ . : / = + - @',
  (text) => text.length <= 256 && TAG_TEXT.test(text),
  'STATUS_INVALID_TAG_VALUE_LEN',
);

/** Checks the tags of a stream: the limits are those of the service. */
export function checkTags(value: unknown, name: string): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw expected('an object of names and values', name, value);
  }
  const entries = Object.entries(value);
  if (entries.length > MAX_TAGS) {
    throw expected('at most 50 tags', name, entries.length, 'STATUS_MAX_TAG_COUNT');
  }
  for (const [key, text] of entries) {
    checkTagName(key, `a name in ${name}`);
    checkTagValue(text, `${name}.${key}`);
  }
  return Object.freeze({ ...(value as Record<string, string>) });
}
