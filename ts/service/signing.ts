import { createHash, createHmac } from 'node:crypto';
import type * as Signature from '@smithy/signature-v4';
import type { AwsCredentialIdentity } from '@smithy/types';
import { requireModule } from '../internal/require.js';

/** The name under which every host of the service verifies signatures. */
const SIGNING_NAME = 'kinesisvideo';

/** A request as far as it is signed. */
export interface SignableRequest {
  readonly url: URL;
  readonly region: string;
  readonly credentials: AwsCredentialIdentity;
  /** Headers in lower case. Host, date and session token are added. */
  readonly headers: Readonly<Record<string, string>>;
  /** The time of the service, which goes into `x-amz-date`. */
  readonly date: Date;
}

/**
 * Signs a `POST` whose body is an endless stream with Signature Version 4 and returns all headers
 * to send. `host` (with the port that the URL names), the date, the session token and the given
 * headers are signed; the headers that proxies may change, such as `user-agent`, are not.
 *
 * The body is not signed: it does not exist yet. The canonical request holds the hash of the empty
 * body and no `x-amz-content-sha256` goes out, as in the requests of the service's C producer;
 * a verifier that misses this header takes the hash of the empty body.
 */
export async function signStreamingRequest(
  request: SignableRequest,
): Promise<Record<string, string>> {
  const { SignatureV4 } = requireModule('@smithy/signature-v4') as typeof Signature;
  const { url, region, credentials, headers, date } = request;
  const signer = new SignatureV4({
    service: SIGNING_NAME,
    region,
    credentials,
    sha256: Sha256,
    applyChecksum: false,
  });
  const signed = await signer.sign(
    {
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      headers: { host: url.host, ...headers },
    },
    { signingDate: date },
  );
  return signed.headers;
}

/** SHA-256 and HMAC-SHA-256 of OpenSSL in the form that the signer asks for. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash | typeof createHmac>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', toKey(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(toKey(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
}

function toKey(data: string | ArrayBuffer | ArrayBufferView): string | NodeJS.ArrayBufferView {
  return data instanceof ArrayBuffer ? new Uint8Array(data) : (data as string | Uint8Array);
}
