import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { KinesisVideoError } from '../internal/errors.js';
import { holdsCertificate, isPem } from './pem.js';

/**
 * TLS roots to trust in place of those of Node.js: certificates in PEM form, or the path of a file
 * with some or of a folder with `.pem` files.
 */
export type CertificateAuthority = string | Buffer | readonly (string | Buffer)[];

/** A certificate and its key in PEM form, by which this machine shows who it is. */
export interface ClientCertificate {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/** Characters of a path, which is the limit of Linux. */
const MAX_PATH = 4096;

const WHOLE_CERTIFICATE =
  /-----BEGIN ([A-Z0-9]+ )?CERTIFICATE-----[^-]*(-----END [A-Z0-9 ]*-----)?/g;

/**
 * Whom to trust. Files are read on first use, and again after `forget`, which is for the time after
 * a certificate was refused: the file may have been replaced by then.
 */
export class Trust {
  readonly #ca: CertificateAuthority | undefined;
  /** What a path is called in errors. */
  readonly #name: string;
  #context: Promise<SecureContext> | undefined;
  #last: SecureContext | undefined;

  /** @param given - default is what AWS_KVS_CACERT_PATH names, else the roots of Node.js */
  constructor(given?: CertificateAuthority) {
    const variable = process.env['AWS_KVS_CACERT_PATH'];
    this.#ca = given ?? (variable || undefined);
    this.#name = given === undefined ? 'AWS_KVS_CACERT_PATH' : '`ca`';
  }

  /**
   * What TLS needs to know, for TLS 1.2 or later.
   *
   * @throws KinesisVideoError STATUS_INVALID_CA_CERT_PATH or STATUS_INVALID_CERT_PATH_LENGTH, with
   * the path, when a file cannot be read at first; STATUS_INVALID_ARG for PEM that OpenSSL cannot read
   */
  async context(identity?: ClientCertificate): Promise<SecureContext> {
    if (identity !== undefined) return this.#create(identity);
    this.#context ??= this.#create();
    try {
      this.#last = await this.#context;
      return this.#last;
    } catch (error) {
      this.#context = undefined;
      // A file that is being replaced may be there again in a moment.
      if (this.#last !== undefined) return this.#last;
      throw error;
    }
  }

  /** Has the files read again when there are some. */
  forget(): void {
    this.#context = undefined;
  }

  async #create(identity?: ClientCertificate): Promise<SecureContext> {
    const ca = this.#ca;
    const isPath = typeof ca === 'string' && !isPem(ca);
    const roots = isPath ? await readCertificates(ca, this.#name) : ca;
    const options = { minVersion: 'TLSv1.2' as const, ...identity };
    if (roots === undefined) return createSecureContext(options);
    const list = typeof roots === 'string' || Buffer.isBuffer(roots) ? [roots] : [...roots];
    try {
      list.forEach(checkCertificates);
    } catch (cause) {
      throw isPath ? unreadable(ca, this.#name, cause) : invalid(this.#name, cause);
    }
    return createSecureContext({ ...options, ca: list });
  }
}

/** Throws for a certificate that OpenSSL cannot read, which TLS would just leave out. */
function checkCertificates(pem: string | Buffer): void {
  for (const [certificate] of pem.toString().matchAll(WHOLE_CERTIFICATE)) {
    new X509Certificate(certificate);
  }
}

/**
 * Reads the certificates of a file, or of all `.pem` files of a folder.
 *
 * @param name - what the path is called in the error
 * @throws KinesisVideoError STATUS_INVALID_CA_CERT_PATH, STATUS_INVALID_CERT_PATH_LENGTH
 */
export async function readCertificates(path: string, name: string): Promise<Buffer[]> {
  if (path.length > MAX_PATH) throw tooLong(path.length, name);
  let found: Buffer[];
  try {
    found = (await stat(path)).isDirectory() ? await readFolder(path) : [await readFile(path)];
  } catch (cause) {
    throw unreadable(path, name, cause);
  }
  const certificates = found.filter(holdsCertificate);
  if (certificates.length > 0) return certificates;
  throw unreadable(path, name, new Error('it holds no certificate'));
}

async function readFolder(path: string): Promise<Buffer[]> {
  const names = (await readdir(path)).filter((name) => name.endsWith('.pem')).sort();
  return Promise.all(names.map((name) => readFile(join(path, name))));
}

function unreadable(path: string, name: string, cause: unknown): KinesisVideoError {
  const advice = 'give a file with certificates in PEM form, or a folder with .pem files';
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new KinesisVideoError(
    'STATUS_INVALID_CA_CERT_PATH',
    `The certificates of ${name} cannot be read from '${path}' (${reason}): ${advice}.`,
    { values: { path, name }, advice, cause },
  );
}

function invalid(name: string, cause: unknown): KinesisVideoError {
  const advice = 'check that no line of the PEM text is missing';
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new KinesisVideoError(
    'STATUS_INVALID_ARG',
    `The certificates of ${name} cannot be read (${reason}): ${advice}.`,
    { values: { name }, advice, cause },
  );
}

function tooLong(length: number, name: string): KinesisVideoError {
  const advice = 'give the path of a file or folder, or certificates in PEM form';
  return new KinesisVideoError(
    'STATUS_INVALID_CERT_PATH_LENGTH',
    `Expected a path of at most ${MAX_PATH} characters for ${name} but received ${length}: ${advice}.`,
    { values: { name, length, limit: MAX_PATH }, advice },
  );
}
