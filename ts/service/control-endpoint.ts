import { KinesisVideoError } from '../internal/errors.js';
import { parseEndpoint } from './endpoints.js';
import { regionalEndpoint } from './partitions.js';
import { readSharedProfile, type SharedProfile } from './shared-config.js';

/** What a program says about the endpoint of the control plane. */
export interface EndpointChoice {
  /** URL to use instead of the region's own, http or https. */
  readonly endpoint?: string | undefined;
  /** Whether to use the region's endpoint with IPv6. */
  readonly useDualstackEndpoint?: boolean | undefined;
  /** Whether to use the region's endpoint with validated cryptography. */
  readonly useFipsEndpoint?: boolean | undefined;
}

/** A setting of the environment and the shared config file, by the names that AWS gave it. */
interface Flag {
  readonly variable: string;
  readonly key: string;
}

const DUAL_STACK: Flag = { variable: 'AWS_USE_DUALSTACK_ENDPOINT', key: 'use_dualstack_endpoint' };
const FIPS: Flag = { variable: 'AWS_USE_FIPS_ENDPOINT', key: 'use_fips_endpoint' };
const IGNORE_URLS: Flag = {
  variable: 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  key: 'ignore_configured_endpoint_urls',
};

/**
 * The URL of the control plane: the given one; else what `configuredEndpoint` finds; else that of the
 * region, in the variant that the flags ask for, each of which is the given one, else that of the
 * environment, else that of the profile.
 *
 * Unlike the SDK this takes flags in any case of letters, as AWS's producers do, and lets a URL of
 * the environment win over flags of the environment. A flag that is given beside a URL is an error.
 *
 * @throws KinesisVideoError STATUS_INVALID_ARG, STATUS_INVALID_URI_LEN
 */
export async function resolveControlEndpoint(
  region: string,
  choice: EndpointChoice,
): Promise<string> {
  checkEndpointChoice(choice);
  const { endpoint, useDualstackEndpoint, useFipsEndpoint } = choice;
  if (endpoint !== undefined) return checkedUrl(endpoint, 'endpoint');

  const profile = await readSharedProfile();
  const configured = findConfigured(profile);
  if (configured !== undefined) {
    checkFlags(choice, configured.name);
    return checkedUrl(configured.url, configured.name);
  }
  return regionalEndpoint(region, {
    dualStack: useDualstackEndpoint ?? readFlag(DUAL_STACK, profile) ?? false,
    fips: useFipsEndpoint ?? readFlag(FIPS, profile),
  });
}

/**
 * The URL that the environment or the profile names: AWS_ENDPOINT_URL_KINESIS_VIDEO, AWS_ENDPOINT_URL,
 * or `endpoint_url` of the service or of the profile; undefined when there is none, or when
 * AWS_IGNORE_CONFIGURED_ENDPOINT_URLS says to ignore it.
 *
 * @throws KinesisVideoError STATUS_INVALID_ARG, STATUS_INVALID_URI_LEN
 */
export async function configuredEndpoint(): Promise<string | undefined> {
  const configured = findConfigured(await readSharedProfile());
  return configured && checkedUrl(configured.url, configured.name);
}

/**
 * Checks that a URL is not given together with a flag that it would make void.
 *
 * @throws KinesisVideoError STATUS_INVALID_ARG
 */
export function checkEndpointChoice(choice: EndpointChoice): void {
  if (choice.endpoint !== undefined) checkFlags(choice, 'endpoint');
}

function checkedUrl(url: string, name: string): string {
  parseEndpoint(url, name);
  return url;
}

function checkFlags(choice: EndpointChoice, name: string): void {
  for (const flag of ['useDualstackEndpoint', 'useFipsEndpoint'] as const) {
    if (choice[flag] !== true) continue;
    const advice = 'leave one of them out, since the URL says already where to connect to';
    throw new KinesisVideoError(
      'STATUS_INVALID_ARG',
      `\`${flag}\` has no effect with ${name === 'endpoint' ? '`endpoint`' : name}: ${advice}.`,
      { values: { [flag]: true, name }, advice },
    );
  }
}

function findConfigured(profile: SharedProfile): { url: string; name: string } | undefined {
  if (readFlag(IGNORE_URLS, profile) === true) return undefined;
  for (const name of ['AWS_ENDPOINT_URL_KINESIS_VIDEO', 'AWS_ENDPOINT_URL']) {
    const url = process.env[name];
    if (url) return { url, name };
  }
  if (profile.missingServices !== undefined) throw noServices(profile, profile.missingServices);
  const url = profile.service('kinesis_video', 'endpoint_url') ?? profile.get('endpoint_url');
  return url ? { url, name: `endpoint_url of the profile ${profile.name}` } : undefined;
}

function readFlag({ variable, key }: Flag, profile: SharedProfile): boolean | undefined {
  const fromEnvironment = process.env[variable];
  if (fromEnvironment) return parseFlag(fromEnvironment, variable);
  const fromProfile = profile.get(key);
  return fromProfile ? parseFlag(fromProfile, `${key} of the profile ${profile.name}`) : undefined;
}

function parseFlag(text: string, name: string): boolean {
  const lower = text.trim().toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  const advice = 'set it to one of them, or not at all';
  throw new KinesisVideoError(
    'STATUS_INVALID_ARG',
    `Expected true or false for ${name} but received ${JSON.stringify(text.slice(0, 60))}: ${advice}.`,
    { values: { [name]: text }, advice },
  );
}

function noServices({ name }: SharedProfile, services: string): KinesisVideoError {
  const advice = 'add it to the shared config file, or correct the name';
  return new KinesisVideoError(
    'STATUS_INVALID_ARG',
    `The profile ${name} names the section [services ${services}], which is not there: ${advice}.`,
    { values: { profile: name, services }, advice },
  );
}
