import type * as Config from '@smithy/core/config';
import { requireModule } from '../internal/require.js';

/** A profile of the shared config and credentials files of the AWS tools. */
export interface SharedProfile {
  readonly name: string;
  /** A setting of the profile, where the config file counts before the credentials file. */
  readonly get: (key: string) => string | undefined;
  /** The profile's region, for which the credentials file counts first, as in the SDK. */
  readonly region: string | undefined;
  /** The settings of a service in the section that `services` names; undefined without the section. */
  readonly service: (id: string, key: string) => string | undefined;
  /** The section that `services` names but that is not there. */
  readonly missingServices: string | undefined;
}

/**
 * Reads the profile that AWS_PROFILE names, or `default`, each time anew. Files that are not there
 * are empty. The parser is the SDK's, which is loaded for it.
 */
export async function readSharedProfile(): Promise<SharedProfile> {
  const { getProfileName, loadSharedConfigFiles } = requireModule(
    '@smithy/core/config',
  ) as typeof Config;
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const name = getProfileName({});
  const config = configFile[name] ?? {};
  const credentials = credentialsFile[name] ?? {};
  const get = (key: string): string | undefined => config[key] ?? credentials[key];
  const section = get('services');
  const services = section === undefined ? undefined : configFile[`services.${section}`];
  return {
    name,
    get,
    region: credentials['region'] ?? config['region'],
    service: (id, key) => services?.[`${id}.${key}`],
    missingServices: services === undefined ? section : undefined,
  };
}
