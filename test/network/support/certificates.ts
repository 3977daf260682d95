/** Real certificates, made with openssl as a test needs them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from '../../support/suite.js';
import { requireTool } from '../../support/tools.js';

/** A certificate and its key, in PEM form and as files. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly certFile: string;
  readonly keyFile: string;
}

/** What a certificate of a test is made for. */
export interface CertificateOptions {
  /** Names and addresses, such as `DNS:localhost,IP:127.0.0.1`. */
  readonly names?: string;
  /** When it is valid, as `YYYYMMDDhhmmssZ`; default from now on for two days. */
  readonly from?: string;
  readonly until?: string;
}

/** An authority of its own, whose files vanish with the test. */
export class CertificateMaker {
  readonly folder: string;
  readonly authority: Certificate;
  #count = 0;

  constructor(t: TestContext) {
    requireTool(t, 'openssl');
    this.folder = mkdtempSync(join(tmpdir(), 'kvs-certificates-'));
    t.after(() => {
      rmSync(this.folder, { recursive: true, force: true });
    });
    const files = this.#newFiles('authority');
    this.#openssl(
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ['-days', '2', '-subj', '/CN=authority', '-keyout', files.keyFile, '-out', files.certFile],
    );
    this.authority = read(files);
  }

  /** A certificate that the authority has signed; for localhost unless told. */
  issue(options: CertificateOptions = {}): Certificate {
    const { names = 'DNS:localhost,IP:127.0.0.1,IP:::1', from, until } = options;
    const files = this.#newFiles('server');
    const request = join(this.folder, 'request.pem');
    const config = join(this.folder, 'ca.cnf');
    this.#openssl(
      ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ['-subj', '/CN=server', '-keyout', files.keyFile, '-out', request],
    );
    writeFileSync(join(this.folder, 'index.txt'), '');
    writeFileSync(
      config,
      `[ca]\ndefault_ca=own\n[own]\ndatabase=${this.folder}/index.txt\nnew_certs_dir=${this.folder}\n` +
        'rand_serial=yes\ndefault_md=sha256\ndefault_days=2\npolicy=any\nunique_subject=no\n' +
        `x509_extensions=names\n[any]\ncommonName=supplied\n[names]\nsubjectAltName=${names}\n`,
    );
    const { certFile, keyFile } = this.authority;
    this.#openssl(
      ['ca', '-batch', '-notext', '-config', config, '-cert', certFile, '-keyfile', keyFile],
      ['-in', request, '-out', files.certFile],
      from === undefined ? [] : ['-startdate', from],
      until === undefined ? [] : ['-enddate', until],
    );
    return read(files);
  }

  #newFiles(name: string): { certFile: string; keyFile: string } {
    this.#count += 1;
    const base = join(this.folder, `${name}-${this.#count}`);
    return { certFile: `${base}.crt`, keyFile: `${base}.key` };
  }

  #openssl(...args: readonly string[][]): void {
    execFileSync('openssl', args.flat(), { stdio: 'pipe' });
  }
}

function read(files: { certFile: string; keyFile: string }): Certificate {
  return { ...files, cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) };
}
