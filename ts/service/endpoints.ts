import { KinesisVideoError } from '../internal/errors.js';
import { readSharedProfile } from './shared-config.js';

/** Characters of a URL. */
const MAX_LENGTH = 10_000;

/**
 * Parses the URL of an endpoint, http or https.
 *
 * @param name - what the URL is called in the error, such as the option's name
 * @throws KinesisVideoError STATUS_INVALID_ARG, or STATUS_INVALID_URI_LEN for more than 10000 characters
 */
export function parseEndpoint(endpoint: string, name: string): URL {
  checkEndpointLength(endpoint, name);
  if (isEndpoint(endpoint)) return new URL(endpoint);
  const advice = 'give a URL such as https://kinesisvideo.us-west-2.amazonaws.com';
  throw new KinesisVideoError(
    'STATUS_INVALID_ARG',
    `Expected an http or https URL for ${name} but received ${JSON.stringify(endpoint)}: ${advice}.`,
    { values: { [name]: endpoint }, advice },
  );
}

/** Whether a text is the URL of an endpoint, as `parseEndpoint` takes it. */
export function isEndpoint(text: string): boolean {
  if (text.length > MAX_LENGTH || !URL.canParse(text)) return false;
  return /^https?:$/.test(new URL(text).protocol);
}

/**
 * Checks that the URL of an endpoint is not too long, whatever else it is.
 *
 * @throws KinesisVideoError STATUS_INVALID_URI_LEN for more than 10000 characters
 */
export function checkEndpointLength({ length }: string, name: string): void {
  if (length <= MAX_LENGTH) return;
  const advice = 'check where it comes from';
  throw new KinesisVideoError(
    'STATUS_INVALID_URI_LEN',
    `Expected a URL of at most ${MAX_LENGTH} characters for ${name} but received ${length}: ${advice}.`,
    { values: { name, length, limit: MAX_LENGTH }, advice },
  );
}

/**
 * Checks the name of a region, which becomes part of host names and signatures.
 *
 * @throws KinesisVideoError STATUS_INVALID_ARG
 */
export function checkRegion(region: string | undefined): string {
  if (region !== undefined && /^[a-z0-9-]{1,63}$/.test(region)) return region;
  const advice = 'pass `region`, set AWS_REGION, or run `aws configure`';
  const problem =
    region === undefined
      ? 'No AWS region is configured'
      : `Expected the name of an AWS region, such as us-west-2, but received ${JSON.stringify(region)}`;
  throw new KinesisVideoError('STATUS_INVALID_ARG', `${problem}: ${advice}.`, {
    values: { region },
    advice,
  });
}

/**
 * The region to use: the given one, else AWS_REGION or AWS_DEFAULT_REGION, else that of the
 * profile in the shared config files.
 *
 * @throws KinesisVideoError STATUS_INVALID_ARG when there is none
 */
export async function resolveRegion(region?: string): Promise<string> {
  const known = region ?? (process.env['AWS_REGION'] || process.env['AWS_DEFAULT_REGION']);
  return checkRegion(known || (await readSharedProfile()).region);
}
