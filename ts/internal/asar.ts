/** Paths inside of Electron's archives. */
import { existsSync } from 'node:fs';

/** Up to the end of the innermost archive: `app.asar` of `/opt/kiosk/resources/app.asar/node_modules/…`. */
const ARCHIVE = /^(.*\.asar)(?=[\\/])/s;

/**
 * Where the system finds a file that is listed in an Electron archive: beside it, in
 * `app.asar.unpacked`, when it was packed with `asarUnpack`. Other paths are returned as they are.
 *
 * Electron maps the path itself where it has patched Node.js, and otherwise copies the file out to a
 * temporary folder, which a system may forbid to load programs from.
 */
export function unpackedPath(path: string): string {
  const unpacked = path.replace(ARCHIVE, '$1.unpacked');
  return unpacked !== path && existsSync(unpacked) ? unpacked : path;
}
