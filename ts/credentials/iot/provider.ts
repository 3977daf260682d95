import type { AwsCredentialIdentity } from '@smithy/types';
import { afterSuccess, describeSource } from '../sources.js';
import type { CredentialsProvider, SourceRequest } from '../types.js';
import { KinesisVideoError } from '../../internal/errors.js';
import {
  checkThingName,
  resolveIotOptions,
  type IotCertificateOptions,
  type ResolvedIotOptions,
} from './options.js';

const ORIGIN = 'The credentials of AWS IoT';

/**
 * Credentials that AWS IoT gives for a device's certificate: `GET /role-aliases/ALIAS/credentials`
 * over mutual TLS. Each call makes a request, as the providers of the AWS SDK do; a client keeps what
 * it gets and renews it ahead of its expiry. Files are read at each request, so that certificates can
 * be rotated.
 *
 * Without `thingName` the provider has `forStream`, which a client uses: the thing has the name of the
 * stream then, and each stream credentials of its own.
 *
 * It rejects with a KinesisVideoError: STATUS_INVALID_CA_CERT_PATH for a file that cannot be read or
 * used, STATUS_IOT_FAILED for a certificate, a thing or a role alias that is not accepted,
 * STATUS_SERVICE_CALL_TIMEOUT_ERROR and STATUS_SERVICE_CALL_UNKNOWN_ERROR for what befalls the
 * connection, and STATUS_IOT_INVALID_RESPONSE_LENGTH, STATUS_IOT_NULL_AWS_CREDS,
 * STATUS_TIMESTAMP_STRING_UNRECOGNIZED_FORMAT, STATUS_IOT_EXPIRATION_PARSING_FAILED or
 * STATUS_IOT_EXPIRATION_OCCURS_IN_PAST for an answer that is of no use.
 *
 * @param options - the options, or the string that kvssink takes
 * @throws KinesisVideoError for an option that is unknown, missing or out of range
 *
 * @example
 * ```ts
 * const credentials = fromIotCertificate({
 *   endpoint: 'abc123.credentials.iot.us-west-2.amazonaws.com',
 *   roleAlias: 'CameraRoleAlias',
 *   certPath: 'certificate.pem',
 *   keyPath: 'private.pem.key',
 * });
 * const client = new KinesisVideoClient({ region: 'us-west-2', credentials });
 * ```
 */
export function fromIotCertificate(options: string | IotCertificateOptions): CredentialsProvider {
  const resolved = resolveIotOptions(options);
  const { thingName } = resolved;
  if (typeof thingName === 'string') return makeProvider(resolved, () => thingName);
  if (thingName.from === 'certificate-id') return makeProvider(resolved, (id) => id);
  return Object.assign(
    makeProvider(resolved, () => undefined),
    {
      forStream(streamName: string) {
        const what = `The name of stream "${streamName}", which is that of its IoT thing too,`;
        const name = checkThingName(streamName, what);
        return makeProvider(resolved, () => name);
      },
    },
  );
}

/** @param nameOf - the name of the thing for the id of the certificate; undefined to send none */
function makeProvider(
  options: ResolvedIotOptions,
  nameOf: (certificateId: string) => string | undefined,
): CredentialsProvider {
  const provider = async (request?: SourceRequest): Promise<AwsCredentialIdentity> => {
    // Loaded on first use, since it needs TLS.
    const { fetchCredentials } = await import('./fetch.js');
    return fetchCredentials(options, nameOf, request);
  };
  return describeSource(provider as CredentialsProvider, {
    origin: ORIGIN,
    explain: (error, renewal) => afterSuccess(asOurs(error), renewal),
  });
}

/** Whatever else is thrown is a defect, or comes from a signal of somebody else. */
function asOurs(error: unknown): KinesisVideoError {
  if (error instanceof KinesisVideoError) return error;
  const message = `${ORIGIN} cannot be had: ${String(error)}.`;
  return new KinesisVideoError('STATUS_IOT_FAILED', message, { cause: error });
}
