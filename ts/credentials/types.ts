import type { DialerOptions } from '../network/index.js';
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
  /**
   * The source for one stream, where each has credentials of its own: those of AWS IoT are for the
   * thing that has the name of the stream.
   */
  forStream?(streamName: string): CredentialsProvider;
}

/** The clock of the service, by which credentials expire; that of this machine may be off. */
export interface ServiceClock {
  now(): Date;
  /** Takes over what `date`, the `Date` header of an answer just received, shows. */
  learn(date: string | undefined): boolean;
}

/** What a source may be told when it is asked. Sources that do not know this ignore it. */
export interface SourceRequest {
  /** Whether there were credentials before, so that those in a cache will not do. */
  readonly forceRefresh?: boolean;
  /** Aborted when the answer is not waited for any longer. */
  readonly abortSignal?: AbortSignal;
  readonly clock?: ServiceClock;
  /** How connections are made. */
  readonly network?: DialerOptions | undefined;
}

/** The clock of this machine, taken for that of the service. */
export const LOCAL_CLOCK: ServiceClock = Object.freeze({
  now: () => new Date(),
  learn: () => false,
});
