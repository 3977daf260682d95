/** Certificates of an authority of the test's own, made with openssl. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from './http-injector.js';

/** What a server can show. */
export interface Certificates {
  /** What the producer trusts. */
  readonly ca: string;
  readonly good: Identity;
  readonly expired: Identity;
  readonly wrongHost: Identity;
  readonly untrusted: Identity;
  /** What a device of IoT shows. */
  readonly device: Identity;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const CONFIG = `
[ca]
default_ca = test
[test]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
`;

let made: Certificates | undefined;

/** The certificates; made on first use, once for a process. */
export function certificates(): Certificates {
  made ??= make();
  return made;
}

function make(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-faults-ca-'));
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const authority = (name: string): void => {
    const subject = ['-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`];
    openssl('req', '-x509', ...KEY, ...subject, '-days', '30');
  };
  const issue = (name: string, by: string, host: string, from: string, to: string): Identity => {
    const subject = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`];
    openssl('req', '-new', ...KEY, ...subject, '-addext', `subjectAltName=${host}`);
    const signer = ['-cert', `${by}.pem`, '-keyfile', `${by}.key`, '-config', 'ca.cnf', '-batch'];
    const dates = ['-startdate', from, '-enddate', to];
    openssl('ca', ...signer, ...dates, '-in', `${name}.csr`, '-out', `${name}.pem`, '-notext');
    return { key: read(`${name}.key`), cert: read(`${name}.pem`) };
  };
  try {
    writeFileSync(join(folder, 'ca.cnf'), CONFIG);
    writeFileSync(join(folder, 'index.txt'), '');
    writeFileSync(join(folder, 'serial'), '01');
    authority('trusted');
    authority('stranger');
    const [from, to] = ['20200101000000Z', '20990101000000Z'];
    return {
      ca: read('trusted.pem'),
      good: issue('good', 'trusted', 'IP:127.0.0.1', from, to),
      expired: issue('expired', 'trusted', 'IP:127.0.0.1', from, '20200201000000Z'),
      wrongHost: issue('wrong', 'trusted', 'DNS:elsewhere.test', from, to),
      device: issue('device', 'trusted', 'DNS:device', from, to),
      untrusted: issue('untrusted', 'stranger', 'IP:127.0.0.1', from, to),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
