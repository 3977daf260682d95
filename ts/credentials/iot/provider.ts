import type { AwsCredentialIdentity } from '@smithy/types';
import { afterSuccess, describeSource } from '../sources.js';
import { LOCAL_CLOCK, type CredentialsProvider, type SourceRequest } from '../types.js';
import { KinesisVideoError } from '../../internal/errors.js';
import { Dialer } from '../../network/index.js';
import { readCredentials } from './answer.js';
import { refusal } from './errors.js';
import { readIdentity } from './identity.js';
import {
  checkThingName,
  resolveIotOptions,
  type IotCertificateOptions,
  type ResolvedIotOptions,
} from './options.js';
import { sendIotRequest } from './request.js';

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
  const provider = (request?: SourceRequest): Promise<AwsCredentialIdentity> =>
    fetchCredentials(options, nameOf, request);
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

async function fetchCredentials(
  options: ResolvedIotOptions,
  nameOf: (certificateId: string) => string | undefined,
  { clock = LOCAL_CLOCK, abortSignal, network }: SourceRequest = {},
): Promise<AwsCredentialIdentity> {
  abortSignal?.throwIfAborted();
  const { endpoint, roleAlias, connectTimeout, requestTimeout } = options;
  const { certificate, key, ca, certificateId } = await readIdentity(options, clock.now());
  const thingName = nameOf(certificateId);
  const answer = await sendIotRequest({
    url: new URL(`/role-aliases/${roleAlias}/credentials`, endpoint),
    headers: thingName === undefined ? {} : { 'x-amzn-iot-thingname': thingName },
    dialer: new Dialer({ ...network, ...(ca && { ca }) }),
    identity: { cert: certificate, key },
    connectTimeout,
    requestTimeout,
    signal: abortSignal,
  });
  clock.learn(answer.date);
  const { host } = endpoint;
  if (answer.httpStatus !== 200) throw refusal({ host, roleAlias, thingName }, answer);
  return readCredentials(host, answer, clock.now());
}
