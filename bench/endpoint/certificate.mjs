/** Files of a certificate for this machine that nobody trusts unless told. */
import { fileURLToPath } from 'node:url';

const file = (name) => fileURLToPath(new URL(`../../test/fixtures/tls/${name}`, import.meta.url));

export const CERTIFICATE = file('localhost-cert.pem');
export const KEY = file('localhost-key.pem');
