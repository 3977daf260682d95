import type { AwsCredentialIdentity } from '@smithy/types';
import { LOCAL_CLOCK, type SourceRequest } from '../types.js';
import { Dialer } from '../../network/index.js';
import { readCredentials } from './answer.js';
import { refusal } from './errors.js';
import { readIdentity } from './identity.js';
import type { ResolvedIotOptions } from './options.js';
import { sendIotRequest } from './request.js';

/**
 * Asks the credentials provider of AWS IoT once.
 *
 * @param nameOf - the name of the thing for the id of the certificate; undefined to send none
 */
export async function fetchCredentials(
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
