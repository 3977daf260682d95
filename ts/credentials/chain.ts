import { resolveOptions, type Check } from '../internal/options.js';
import { checkCredentials } from './check.js';
import { defaultChain } from './default-chain.js';
import { credentialsOfEnvironment } from './environment.js';
import { fromCredentialFile } from './file.js';
import { fixedKeys } from './fixed.js';
import { fromIotCertificate } from './iot/provider.js';
import type { IotCertificateOptions } from './iot/options.js';
import type { CredentialsProvider } from './types.js';

/** What a chain looks for, besides the environment and the default chain of the AWS SDK. */
export interface CredentialChainOptions {
  /** A certificate of AWS IoT: its options, or the string that kvssink takes. */
  readonly iotCertificate?: string | IotCertificateOptions | undefined;
  /** The id of keys; `secretAccessKey` belongs to it. */
  readonly accessKeyId?: string | undefined;
  /** The secret of keys. */
  readonly secretAccessKey?: string | undefined;
  /** The token of keys that are temporary. */
  readonly sessionToken?: string | undefined;
  /** The path of a credential file; see `fromCredentialFile`. */
  readonly credentialFile?: string | undefined;
}

const anything: Check<unknown> = (value) => value;

const SHAPE = {
  iotCertificate: anything,
  accessKeyId: anything,
  secretAccessKey: anything,
  sessionToken: anything,
  credentialFile: anything,
} satisfies Record<keyof CredentialChainOptions, Check<unknown>>;

/**
 * The credentials that the service's guide looks for, in its order: those of an IoT certificate, of
 * the environment, the keys given, those of a credential file, and then all that the default chain of
 * the AWS SDK knows. The first one that is configured is used, and when it fails, that is the error:
 * whoever has configured an identity does not want another one.
 *
 * @throws KinesisVideoError STATUS_INVALID_ARG for what is configured and unusable
 */
export function credentialChain(options: CredentialChainOptions = {}): CredentialsProvider {
  resolveOptions('credentialChain', SHAPE, options);
  const { iotCertificate, credentialFile } = options;
  if (iotCertificate !== undefined) return fromIotCertificate(iotCertificate);
  const keys = environmentKeys() ?? givenKeys(options);
  if (keys !== undefined) return keys;
  if (credentialFile !== undefined) return fromCredentialFile(credentialFile);
  return defaultChain();
}

function environmentKeys(): CredentialsProvider | undefined {
  const keys = credentialsOfEnvironment();
  return keys && fixedKeys(keys, 'The credentials of the environment (AWS_ACCESS_KEY_ID)');
}

function givenKeys(options: CredentialChainOptions): CredentialsProvider | undefined {
  const { accessKeyId, secretAccessKey, sessionToken } = options;
  if (accessKeyId === undefined && secretAccessKey === undefined && sessionToken === undefined) {
    return undefined;
  }
  const keys = {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
  };
  const origin = 'The keys given to the credential chain';
  return fixedKeys(checkCredentials(keys, origin), origin);
}
