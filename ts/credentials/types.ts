import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';

/** Keys of one AWS identity, as the AWS SDK for JavaScript describes them. */
export type Credentials = AwsCredentialIdentity;

/** What a user may give: fixed keys, an async function (any provider of the AWS SDK), or nothing. */
export type CredentialsInput = AwsCredentialIdentity | AwsCredentialIdentityProvider | undefined;

/** A source of credentials that is asked before every signature. It may be any SDK provider. */
export interface CredentialsProvider extends AwsCredentialIdentityProvider {
  /**
   * Tells that the service refused `refused` as expired or unknown, so that the next call gets new
   * ones. Returns whether new ones can be had; fixed keys answer false.
   */
  invalidate?(refused: AwsCredentialIdentity): boolean;
}
