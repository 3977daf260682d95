import { request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { CredentialsProvider } from '../credentials/index.js';
import { KinesisVideoError } from '../internal/errors.js';
import type { Dialer } from '../network/index.js';
import type { ClockSkew } from './clock-skew.js';

/** How long (ms) the service has for saying what time it is. */
const TIMEOUT = 5000;

/** Whom to ask for the time, and who wants to know. */
export interface TimeSource {
  /** URL of the control plane. */
  readonly endpoint: string;
  readonly dialer: Dialer;
  readonly clockSkew: ClockSkew;
}

/**
 * A provider for a machine whose clock may be wrong: credentials that seem to have expired when they
 * have just been got show that it is, or that they are useless. The service's answer to a request that
 * needs no credentials tells which, and with the right time they are asked for again. There would be
 * no other request from whose answer the time could be learned.
 */
export function correctedByService(
  provider: CredentialsProvider,
  source: TimeSource,
): CredentialsProvider {
  const corrected: CredentialsProvider = async (request) => {
    try {
      return await provider(request);
    } catch (error) {
      if (!seemsExpired(error) || !(await learnTime(source))) throw error;
      return provider(request);
    }
  };
  if (provider.invalidate !== undefined) {
    corrected.invalidate = (refused) => provider.invalidate?.(refused) ?? true;
  }
  const ofStream = provider.forStream?.bind(provider);
  if (ofStream !== undefined) {
    corrected.forStream = (name) => correctedByService(ofStream(name), source);
  }
  return corrected;
}

function seemsExpired(error: unknown): boolean {
  return error instanceof KinesisVideoError && error.code === 'STATUS_INVALID_TOKEN_EXPIRATION';
}

/** Whether the service's clock turned out to be another one than was thought. Never rejects. */
async function learnTime({ endpoint, dialer, clockSkew }: TimeSource): Promise<boolean> {
  try {
    const url = new URL(endpoint);
    const socket = await dialer.dial(url, { connectTimeout: TIMEOUT });
    return clockSkew.learn(await askDate(socket, url));
  } catch {
    return false;
  }
}

/** The `Date` of the answer to a request without credentials, whatever else the answer says. */
function askDate(socket: Socket, url: URL): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      createConnection: () => socket,
      method: 'GET',
      path: '/',
      headers: { host: url.host, connection: 'close' },
      timeout: TIMEOUT,
    });
    request
      .on('response', ({ headers }) => {
        resolve(headers.date);
        request.destroy();
      })
      .on('timeout', () => {
        request.destroy(new Error('the service did not say what time it is'));
      })
      .on('error', reject)
      .end();
  });
}
