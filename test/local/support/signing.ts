/** Signing with the AWS SDK's own implementation, which shares nothing with the one under test. */
import { createHash, createHmac } from 'node:crypto';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { CREDENTIALS } from './endpoint.js';

/** What may differ from a plain and valid request. */
export interface SigningOptions {
  readonly credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  readonly region?: string;
  readonly service?: string;
  readonly date?: Date;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

class Sha256 {
  readonly #hash: { update(data: string | Buffer): unknown; digest(): Buffer };

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash('sha256')
        : createHmac('sha256', typeof secret === 'string' ? secret : toBuffer(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === 'string' ? data : toBuffer(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function toBuffer(data: ArrayBuffer | ArrayBufferView): Buffer {
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data);
}

/** The headers of a signed POST to `path` of `endpoint`. */
export async function signedHeaders(
  endpoint: string,
  path: string,
  options: SigningOptions = {},
): Promise<Record<string, string>> {
  const url = new URL(endpoint);
  const signer = new SignatureV4({
    service: options.service ?? 'kinesisvideo',
    region: options.region ?? 'us-west-2',
    credentials: options.credentials ?? CREDENTIALS,
    sha256: Sha256,
  });
  const request = new HttpRequest({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path,
    headers: { host: url.host, ...options.headers },
    body: options.body,
  });
  const signed = await signer.sign(request, { signingDate: options.date ?? new Date() });
  return signed.headers;
}
