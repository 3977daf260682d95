import type * as Providers from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { KinesisVideoError } from '../internal/errors.js';
import { requireModule } from '../internal/require.js';
import { afterSuccess, describeSource, reasonOf, sourceFailed } from './sources.js';
import type { SourceRequest } from './types.js';

/** Milliseconds for a connection to a service that gives credentials. */
const CONNECT_TIMEOUT = 5000;

const ADVICE =
  'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, run `aws configure` or `aws sso login`, ' +
  'or pass `credentials` (for `kvs local` the pair local / local), `iotCertificate` or `credentialFile`';

/** The default chain of the AWS SDK; importing this package must not load the SDK's providers. */
export function defaultChain(): AwsCredentialIdentityProvider {
  let chain: AwsCredentialIdentityProvider | undefined;
  const provider: AwsCredentialIdentityProvider = async (request?: SourceRequest) => {
    if (chain === undefined) {
      const { fromNodeProviderChain } = requireModule(
        '@aws-sdk/credential-providers',
      ) as typeof Providers;
      const { Dialer, dialingAgents } = await import('../network/index.js');
      const { addressFamily, proxy } = request?.network ?? {};
      // Roles and SSO are asked of services of AWS, through the proxy but without the `ca` option, which
      // may be for an endpoint of one's own.
      const dialer = new Dialer({ addressFamily, proxy });
      chain = fromNodeProviderChain({
        // The files are read again at every renewal: keys are rotated by rewriting them.
        ignoreCache: true,
        clientConfig: { requestHandler: dialingAgents(dialer, CONNECT_TIMEOUT) },
      });
    }
    return chain(request);
  };
  return describeSource(provider, { origin: 'The credentials of the default chain', explain });
}

function explain(error: unknown, renewal: boolean): KinesisVideoError {
  if (error instanceof KinesisVideoError) return afterSuccess(error, renewal);
  const profile = process.env['AWS_PROFILE'] ?? 'default';
  const tried =
    'AWS_ACCESS_KEY_ID in the environment, ' +
    `profile "${profile}" of the shared config and credentials files (keys, SSO, process, role), ` +
    'the web identity token file, and the metadata service of the container or EC2 instance';
  const message = `No AWS credentials were found (${reasonOf(error)}). Tried: ${tried}. To fix it, ${ADVICE}.`;
  return sourceFailed(message, ADVICE, error, renewal);
}
