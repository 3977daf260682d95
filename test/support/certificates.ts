/** Certificates made by openssl for one test. */
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from './suite.js';
import { requireTool } from './tools.js';

/** A certificate and its key: where they are, and what they are. */
export interface Certificate {
  readonly certPath: string;
  readonly keyPath: string;
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the DER form, as AWS IoT names certificates. */
  readonly id: string;
}

/** An authority of its own, which signs certificates. Its files are removed with the test. */
export class Authority {
  readonly folder: string;
  readonly self: Certificate;

  constructor(t: TestContext, name = 'authority of the test') {
    requireTool(t, 'openssl');
    this.folder = mkdtempSync(join(tmpdir(), 'kvs-certificates-'));
    t.after(() => {
      rmSync(this.folder, { recursive: true, force: true });
    });
    this.self = this.#make('ca', [
      ...['req', '-x509', '-days', '30', '-subj', `/CN=${name}`],
      ...['-addext', 'basicConstraints=critical,CA:TRUE'],
    ]);
  }

  /** Signs a certificate for a device. */
  issue(name: string): Certificate {
    return this.#sign(name, 'extendedKeyUsage=clientAuth');
  }

  /** Signs a certificate for a server on this machine. */
  issueForServer(name = 'server'): Certificate {
    return this.#sign(name, 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  }

  #sign(name: string, extension: string): Certificate {
    const extensions = join(this.folder, `${name}.ext`);
    writeFileSync(extensions, `${extension}\n`);
    const request = join(this.folder, `${name}.csr`);
    const { key } = paths(this.folder, name);
    openssl('req', '-new', ...NEW_KEY, '-keyout', key, '-out', request, '-subj', `/CN=${name}`);
    const { cert, key: caKey } = { cert: this.self.certPath, key: this.self.keyPath };
    openssl(
      ...['x509', '-req', '-in', request, '-CA', cert, '-CAkey', caKey, '-CAcreateserial'],
      ...['-days', '30', '-extfile', extensions, '-out', paths(this.folder, name).cert],
    );
    return read(this.folder, name);
  }

  #make(name: string, args: readonly string[]): Certificate {
    const { cert, key } = paths(this.folder, name);
    openssl(...args, ...NEW_KEY, '-keyout', key, '-out', cert);
    return read(this.folder, name);
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Runs openssl; its error, when it fails, is what it printed. */
export function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function paths(folder: string, name: string): { cert: string; key: string } {
  return { cert: join(folder, `${name}-cert.pem`), key: join(folder, `${name}-key.pem`) };
}

function read(folder: string, name: string): Certificate {
  const at = paths(folder, name);
  const cert = readFileSync(at.cert, 'utf8');
  const id = new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase();
  return { certPath: at.cert, keyPath: at.key, cert, key: readFileSync(at.key, 'utf8'), id };
}
