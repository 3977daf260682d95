import type { AwsCredentialIdentity } from '@smithy/types';
import { checkExpiration } from './check.js';
import { describeSource, traitsOf } from './sources.js';
import { LOCAL_CLOCK, type CredentialsProvider, type SourceRequest } from './types.js';

/**
 * A provider of keys that stay as they are; it rejects once they have expired.
 *
 * @param origin - what the keys are called in errors, as the plural subject of a sentence
 */
export function fixedKeys(identity: AwsCredentialIdentity, origin: string): CredentialsProvider {
  const provider = async (request: SourceRequest = {}): Promise<AwsCredentialIdentity> => {
    const { clock = LOCAL_CLOCK } = request;
    return checkExpiration(identity, origin, clock.now().getTime());
  };
  const source: CredentialsProvider = Object.assign(provider, { invalidate: () => false });
  return describeSource(source, { ...traitsOf(source), origin, isCache: true });
}
