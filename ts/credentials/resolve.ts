import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
import type { DialerOptions } from '../network/index.js';
import { checkCredentials } from './check.js';
import { defaultChain } from './default-chain.js';
import { fixedKeys } from './fixed.js';
import { memoizeCredentials } from './memoize.js';
import { traitsOf } from './sources.js';
import { LOCAL_CLOCK } from './types.js';
import type { CredentialsInput, CredentialsProvider, ServiceClock } from './types.js';

/** How credentials are resolved. */
export interface ResolveOptions {
  /** The clock by which credentials expire. Default: that of this machine. */
  readonly clock?: ServiceClock | undefined;
  /** How the sources of this package make connections. */
  readonly network?: DialerOptions | undefined;
}

/** Keys of the user, as the subject of a sentence. */
const GIVEN = 'The given `credentials`';

/** Providers made here, which need no second layer around them. */
const resolved = new WeakSet<AwsCredentialIdentityProvider>();

/**
 * Turns what the user gave as `credentials` into one provider: fixed keys, any async provider of
 * the AWS SDK or of this package, or, when nothing is given, the default chain of the SDK, which is
 * loaded on first use (environment, shared files, SSO, process, web identity, container, EC2).
 *
 * The provider renews credentials ahead of their expiry, shares one request between callers and
 * keeps valid credentials when a renewal fails; see `memoizeCredentials`. It rejects with a
 * `KinesisVideoError`: `STATUS_INVALID_ARG` for an unusable answer,
 * `STATUS_INVALID_TOKEN_EXPIRATION` for an expired one, `STATUS_GET_STREAMING_TOKEN_CALL_FAILED`
 * when a function or the default chain fails, or what the sources of this package say.
 *
 * @throws KinesisVideoError STATUS_INVALID_ARG when `input` is none of the three
 */
export function resolveCredentials(
  input?: CredentialsInput,
  options: ResolveOptions = {},
): CredentialsProvider {
  if (typeof input === 'function' && resolved.has(input)) return input;
  const provider = makeProvider(input === undefined ? defaultChain() : input, options);
  resolved.add(provider);
  return provider;
}

function makeProvider(
  input: NonNullable<CredentialsInput>,
  options: ResolveOptions,
): CredentialsProvider {
  const { clock = LOCAL_CLOCK, network } = options;
  const source: CredentialsProvider =
    typeof input === 'function' ? input : fixedKeys(checkCredentials(input, GIVEN), GIVEN);
  const traits = traitsOf(source);
  const provider: CredentialsProvider =
    traits.isCache === true
      ? Object.assign((request?: object) => source({ ...request, clock }), {
          invalidate: (refused: AwsCredentialIdentity) => source.invalidate?.(refused) ?? true,
        })
      : memoizeCredentials((request) => source({ ...request, network }), { ...traits, clock });
  if (source.forStream === undefined) return provider;
  return Object.assign(provider, {
    forStream: (streamName: string) =>
      resolveCredentials(source.forStream?.(streamName) ?? source, options),
  });
}
