/** The options of `kvs local` for the credentials provider of AWS IoT. */
import { readFile } from 'node:fs/promises';
import type { LocalIotOptions } from '../local/index.js';
import { repeated, text, value, type OptionValues } from './options.js';
import { UsageError } from './usage-error.js';

/** A thing and the path of its certificate. */
interface GivenThing {
  readonly name: string;
  readonly path: string;
}

const DEFAULT_ROLE_ALIAS = 'LocalRoleAlias';

export const IOT_OPTIONS = {
  iotThing: repeated('NAME=FILE', 'pose as AWS IoT too, with this thing and certificate', thing),
  iotCa: value('FILE', 'the authority that has signed the certificates of things', text),
  iotRoleAlias: value('NAME', `name of the role alias (default: ${DEFAULT_ROLE_ALIAS})`, text),
};

/** What those options are read into. */
export type IotOptions = OptionValues<typeof IOT_OPTIONS>;

function thing(given: string, name: string): GivenThing {
  const equals = given.indexOf('=');
  if (equals > 0 && equals < given.length - 1) {
    return { name: given.slice(0, equals), path: given.slice(equals + 1) };
  }
  const shown = JSON.stringify(given);
  throw new UsageError(`Expected NAME=FILE, such as door=door-cert.pem, for ${name}, not ${shown}`);
}

/** What `startLocalKinesisVideo` takes as `iot`; undefined without a thing. */
export async function readIot(
  { iotThing, iotCa, iotRoleAlias }: IotOptions,
  hasTls: boolean,
): Promise<LocalIotOptions | undefined> {
  if (iotThing.length === 0) {
    if (iotCa === undefined && iotRoleAlias === undefined) return undefined;
    throw new UsageError('--iot-ca and --iot-role-alias go with --iot-thing');
  }
  if (iotCa === undefined) throw new UsageError('--iot-thing needs --iot-ca');
  if (!hasTls) throw new UsageError('--iot-thing needs --tls-key and --tls-cert');
  const ca = await readPem(iotCa);
  const things = iotThing.map(async ({ name, path }) => ({
    name,
    certificate: await readPem(path),
  }));
  return {
    ca,
    things: await Promise.all(things),
    roleAliases: { [iotRoleAlias ?? DEFAULT_ROLE_ALIAS]: {} },
  };
}

/** The string by which a thing uses the provider, but for its key. */
export function iotCertificateString(
  endpoint: string,
  { iotThing, iotRoleAlias }: IotOptions,
  caPath: string,
): string {
  return [
    `iot-certificate,endpoint=${endpoint},cert-path=${iotThing[0]?.path ?? ''},key-path=KEY`,
    `ca-path=${caPath},role-aliases=${iotRoleAlias ?? DEFAULT_ROLE_ALIAS}`,
  ].join(',');
}

/** Reads a file that an option names. */
export async function readPem(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(`'${path}' cannot be read (${(error as Error).message})`);
  }
}
