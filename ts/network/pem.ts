const CERTIFICATE = /-----BEGIN ([A-Z0-9]+ )?CERTIFICATE-----/;

/** Whether a text is PEM and not a path. */
export function isPem(text: string): boolean {
  return text.includes('-----BEGIN ');
}

/** Whether PEM holds a certificate, and not just a key. */
export function holdsCertificate(pem: string | Buffer): boolean {
  return CERTIFICATE.test(pem.toString());
}
