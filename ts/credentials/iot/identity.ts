import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { KinesisVideoError } from '../../internal/errors.js';
import type { ResolvedIotOptions } from './options.js';

/** What a device shows, and whom it trusts. */
export interface DeviceIdentity {
  /** PEM, with the authorities in between when the file has them. */
  readonly certificate: Buffer;
  readonly key: Buffer;
  readonly ca: Buffer | undefined;
  /** The id that AWS IoT gives a certificate: SHA-256 of its DER form, in lower-case hexadecimal. */
  readonly certificateId: string;
}

/** Something that is read, and what it is called. */
interface Source {
  readonly what: string;
  readonly path: string | undefined;
  readonly pem: string | Buffer | undefined;
  readonly marker: RegExp;
}

/**
 * Reads certificate, key and authorities, which may have been replaced since the last time, and
 * checks that they belong together.
 *
 * Rejects with a KinesisVideoError that names the file: STATUS_INVALID_CA_CERT_PATH when it cannot be
 * read or used, STATUS_IOT_FAILED when the certificate is not valid at `now`.
 */
export async function readIdentity(
  options: ResolvedIotOptions,
  now: Date,
): Promise<DeviceIdentity> {
  const { certPath, certificate: certPem, keyPath, key: keyPem, caPath, ca: caPem } = options;
  const cert = source('certificate', certPath, certPem, /-----BEGIN (TRUSTED )?CERTIFICATE-----/);
  const key = source('private key', keyPath, keyPem, /-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/);
  const authority = source('CA certificate', caPath, caPem, /-----BEGIN (\w+ )?CERTIFICATE-----/);
  const hasCa = caPath !== undefined || caPem !== undefined;
  const [certificateText, keyText, caText] = await Promise.all([
    read(cert),
    read(key),
    hasCa ? read(authority) : undefined,
  ]);
  const parsed = parseCertificate(cert, certificateText);
  checkKey(parsed, cert, key, keyText);
  if (caText !== undefined) parseCertificate(authority, caText);
  checkDates(parsed, cert, now);
  const certificateId = parsed.fingerprint256.replaceAll(':', '').toLowerCase();
  return { certificate: certificateText, key: keyText, ca: caText, certificateId };
}

function source(
  what: string,
  path: string | undefined,
  pem: string | Buffer | undefined,
  marker: RegExp,
): Source {
  return { what, path, pem, marker };
}

async function read(from: Source): Promise<Buffer> {
  const text = from.pem === undefined ? await readPath(from) : Buffer.from(from.pem);
  if (from.marker.test(text.toString('latin1'))) return text;
  throw unusable(from, `it holds no ${from.what} in PEM form`, 'give the right file, in PEM form');
}

async function readPath(from: Source): Promise<Buffer> {
  try {
    return await readFile(from.path ?? '');
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const advice = 'check that the file exists and that this user may read it';
    throw unusable(from, code, advice, error);
  }
}

function parseCertificate(from: Source, pem: Buffer): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw unusable(from, 'it is damaged', 'get it once more from where it came');
  }
}

function checkKey(certificate: X509Certificate, cert: Source, from: Source, pem: Buffer): void {
  // OpenSSL would ask for the passphrase at the terminal, or give a number for an error.
  if (/ENCRYPTED/.test(pem.toString('latin1'))) {
    const advice = 'decrypt it with `openssl pkey -in FILE -out FILE`';
    throw unusable(from, 'it is encrypted', advice);
  }
  let matches: boolean;
  try {
    matches = certificate.checkPrivateKey(createPrivateKey(pem));
  } catch {
    throw unusable(from, 'it is damaged', 'use the one that was made with the certificate');
  }
  if (matches) return;
  const advice = 'use the key that was made with the certificate';
  throw unusable(from, `it does not belong to the certificate${placeOf(cert)}`, advice);
}

/** Right only when the clock is, which may be set later: hence the errors can be retried. */
function checkDates({ validFrom, validTo }: X509Certificate, from: Source, now: Date): void {
  const hasExpired = Date.parse(validTo) < now.getTime();
  if (!hasExpired && Date.parse(validFrom) <= now.getTime()) return;
  const problem = hasExpired ? `expired on ${validTo}` : `is not valid before ${validFrom}`;
  const advice = `check the clock of this machine${hasExpired ? ', or get a new certificate' : ''}`;
  throw new KinesisVideoError(
    'STATUS_IOT_FAILED',
    `The certificate of AWS IoT${placeOf(from)} ${problem}, and it is ${now.toISOString()}: ${advice}.`,
    { values: { path: from.path, validFrom, validTo }, advice, retryable: true },
  );
}

function placeOf({ path }: Source): string {
  return path === undefined ? '' : ` in '${path}'`;
}

/** What is in the files stays out of the message. */
function unusable(
  from: Source,
  problem: string,
  advice: string,
  cause?: unknown,
): KinesisVideoError {
  return new KinesisVideoError(
    'STATUS_INVALID_CA_CERT_PATH',
    `The ${from.what} for AWS IoT${placeOf(from)} cannot be used (${problem}): ${advice}.`,
    { values: from.path === undefined ? {} : { path: from.path }, advice, cause },
  );
}
