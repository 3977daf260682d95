/**
 * Serves the page under an origin of its own, `kiosk://page`: a secure context, as cameras and WebCodecs
 * need, with one folder of files in it and nothing else.
 */
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PAGE_ORIGIN = 'kiosk://page';
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`;

const FOLDER = fileURLToPath(new URL('../renderer', import.meta.url));
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** What the page may do: run its own scripts and styles. It connects to nothing. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Has to be called before the app is ready. */
export function registerScheme(protocol) {
  const privileges = { standard: true, secure: true };
  protocol.registerSchemesAsPrivileged([{ scheme: 'kiosk', privileges }]);
}

/** Answers requests of the page. */
export function servePage(protocol) {
  protocol.handle('kiosk', ({ url, method }) => answer(url, method));
}

/** The answer to one request: a file of the folder `renderer`, or 404. */
export async function answer(url, method = 'GET') {
  const { origin, host, protocol, pathname } = new URL(url);
  // A URL of a scheme of one's own has the origin `null` where nobody has registered it.
  const isOurs = origin === PAGE_ORIGIN || `${protocol}//${host}` === PAGE_ORIGIN;
  const path = normalize(join(FOLDER, decodeURIComponent(pathname)));
  const type = TYPES[extname(path)];
  if (method !== 'GET' || !isOurs || type === undefined || !path.startsWith(FOLDER + sep)) {
    return new Response('Not found', { status: 404 });
  }
  try {
    return new Response(await readFile(path), {
      headers: {
        'content-type': `${type}; charset=utf-8`,
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
    });
  } catch {
    return new Response('Not found', { status: 404 });
  }
}
